import { Monitor, Smartphone } from 'lucide-react'
import { ago } from '../../state/format.ts'
import { browserOf, settingsTexts } from '../../state/settings-texts.ts'
import { call, notices, overlays } from '../../state/stores.ts'
import { texts } from '../../state/texts.ts'
import { Button } from '../controls.tsx'
import { useSession } from '../hooks.ts'
import { attempt } from './attempt.ts'
import { KeyList, NewKeyButton } from './keys.tsx'
import { Answer, Card, Row } from './parts.tsx'
import { useEverything } from './use-asked.ts'

/** What belongs to who is signed in; owners also see everybody's sessions and keys. */
export function Account() {
  const who = useSession((state) => state.session)
  const sessions = useEverything('porthole.session.list', {})
  const keys = useEverything('porthole.key.list', {})
  const words = settingsTexts.sessions
  const end = (session: string) =>
    attempt(async () => {
      await call('porthole.session.revoke', { session })
      notices.add({ text: words.ended })
      await sessions.reload()
    })
  return (
    <>
      <Card
        title={settingsTexts.password.title}
        text={who?.hasPassword ? settingsTexts.password.has : settingsTexts.password.none}
        action={
          <Button onClick={() => overlays.openDialog({ kind: 'password' })}>
            {who?.hasPassword ? texts.actions.changePassword : texts.actions.setPassword}
          </Button>
        }
      />
      <Card title={words.title} text={words.text}>
        <Answer asked={sessions}>
          {(data) => (
            <ul className="rows">
              {data
                .toSorted((a, b) => Number(b.current) - Number(a.current) || Date.parse(b.seenAt) - Date.parse(a.seenAt))
                .map(({ id, user, agent, address, seenAt, current }) => {
                  const browser = browserOf(agent)
                  return (
                    <Row
                      key={id}
                      title={
                        <>
                          {/iPhone|Android/.test(browser) ? <Smartphone aria-hidden="true" /> : <Monitor aria-hidden="true" />}
                          {browser}
                          {user !== who?.user && <span className="chip">{user}</span>}
                        </>
                      }
                      note={[current ? words.here : words.seen(ago(Date.parse(seenAt), Date.now())), address].filter(Boolean).join(' · ')}
                      actions={
                        !current && (
                          <Button aria-label={words.endOf(browser)} onClick={() => void end(id)}>
                            {words.end}
                          </Button>
                        )
                      }
                    />
                  )
                })}
            </ul>
          )}
        </Answer>
      </Card>
      <Card
        title={settingsTexts.keys.title}
        text={settingsTexts.keys.text}
        action={
          <NewKeyButton
            placeholder={settingsTexts.keys.namePlaceholder}
            withRole
            make={({ name, role }) => call('porthole.key.create', { name, ...(role && { role }) })}
            onMade={keys.reload}
          />
        }
      >
        <Answer asked={keys}>
          {(data) => (
            <KeyList
              keys={data}
              mine={who?.user}
              rotate={(key) => call('porthole.key.rotate', { key })}
              remove={(key) => call('porthole.key.delete', { key })}
              onChanged={keys.reload}
            />
          )}
        </Answer>
      </Card>
    </>
  )
}
