import { CircleAlert } from 'lucide-react'
import { type ComponentProps, type ReactNode, useId } from 'react'

/** A labelled text field; `error`: why what stands there was refused. */
export function Field({
  label,
  hint,
  error,
  ...props
}: ComponentProps<'input'> & { label: string; hint?: string; error?: string | undefined }) {
  const id = useId()
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ')
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} aria-describedby={described || undefined} aria-invalid={error !== undefined} {...props} />
      {hint && (
        <p id={`${id}-hint`} className="quiet">
          {hint}
        </p>
      )}
      {error && <FormError id={`${id}-error`}>{error}</FormError>}
    </div>
  )
}

export function FormError({ id, children }: { id?: string; children: ReactNode }) {
  return (
    <div id={id} className="form-error" role="alert">
      <CircleAlert aria-hidden="true" />
      <p>{children}</p>
    </div>
  )
}
