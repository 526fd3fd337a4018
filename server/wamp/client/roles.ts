import { isDict } from '../../../shared/wamp/decode.ts'
import type { Dict } from '../../../shared/wamp/messages.ts'

const features = (...names: readonly string[]) => ({ features: Object.fromEntries(names.map((name) => [name, true])) })

/** What a session of ours can do, for HELLO ("Session Establishment", roles; each feature's section names it). */
export const CLIENT_ROLES: Dict = {
  caller: features('call_canceling', 'call_timeout', 'caller_identification', 'progressive_call_results'),
  callee: features(
    'call_canceling',
    'caller_identification',
    'pattern_based_registration',
    'progressive_call_results',
    'registration_revocation',
    'shared_registration',
  ),
  publisher: features('publisher_exclusion', 'publisher_identification', 'subscriber_blackwhite_listing'),
  subscriber: features('event_retention', 'pattern_based_subscription', 'publisher_identification', 'subscription_revocation'),
}

/** Whether details of WELCOME announce a feature of a role. */
export function hasFeature({ roles }: Dict, role: string, feature: string): boolean {
  const found = isDict(roles) ? roles[role] : undefined
  return isDict(found) && isDict(found.features) && found.features[feature] === true
}
