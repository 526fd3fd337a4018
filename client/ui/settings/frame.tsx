import { ArrowLeft } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import { AccountButton, Header } from '../header.tsx'
import { useShortcuts } from '../keyboard.ts'

/** What every settings page has: a title, and the way back. */
export function Frame({ title, back, backLabel, children }: { title: string; back: string; backLabel: string; children: ReactNode }) {
  const [, navigate] = useLocation()
  const leave = () => navigate(back)
  useShortcuts({ Escape: leave })
  return (
    <>
      <Header actions={<AccountButton />}>
        <Link href={back} className="icon-button" aria-label={backLabel} data-tip={backLabel}>
          <ArrowLeft aria-hidden="true" />
        </Link>
        <h1 className="camera-name">{title}</h1>
      </Header>
      <main className="settings">
        <div className="settings-column">{children}</div>
      </main>
    </>
  )
}
