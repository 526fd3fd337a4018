import type { LucideIcon } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import './controls.css'

type ButtonProps = ComponentProps<'button'>

/** A button with an icon only: its label is its name, and its tip under a pointer. */
export function IconButton({ icon: Icon, label, className = '', ...props }: ButtonProps & { icon: LucideIcon; label: string }) {
  return (
    <button type="button" className={`icon-button ${className}`} aria-label={label} data-tip={label} {...props}>
      <Icon aria-hidden="true" />
    </button>
  )
}

export function Button({ icon: Icon, className = '', children, ...props }: ButtonProps & { icon?: LucideIcon; children: ReactNode }) {
  return (
    <button type="button" className={`button ${className}`} {...props}>
      {Icon && <Icon aria-hidden="true" />}
      <span>{children}</span>
    </button>
  )
}
