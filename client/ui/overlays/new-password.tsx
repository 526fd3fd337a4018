import { Field } from '../field.tsx'

/** Characters of a password; the contract's bounds. */
const LENGTH = { minLength: 8, maxLength: 256 }

/** The field of a password that is set. */
export const NewPassword = (props: { label: string; hint: string; name: string }) => (
  <Field type="password" autoComplete="new-password" required {...LENGTH} {...props} />
)
