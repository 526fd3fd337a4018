import type { Dict } from '../../../shared/wamp/messages.ts'

const common = { payload_passthru_mode: true, session_meta_api: true, pattern_based_subscription: true }

/** What the router announces ("Feature Announcement"): what it does, and nothing else. */
export const ROUTER_ROLES: Dict = {
  broker: {
    features: {
      ...common,
      subscriber_blackwhite_listing: true,
      publisher_exclusion: true,
      publisher_identification: true,
      subscription_meta_api: true,
      subscription_revocation: true,
      event_retention: true,
      event_history: true,
    },
  },
  dealer: {
    features: {
      payload_passthru_mode: true,
      session_meta_api: true,
      pattern_based_registration: true,
      shared_registration: true,
      registration_meta_api: true,
      registration_revocation: true,
      progressive_call_results: true,
      progressive_call_invocations: true,
      call_canceling: true,
      call_timeout: true,
      caller_identification: true,
      testament_meta_api: true,
    },
  },
}
