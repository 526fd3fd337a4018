import { type FormEvent, useId, useState } from 'react'
import type { Camera } from '../../../shared/model/camera.ts'
import { landingTexts } from '../../state/landing-texts.ts'
import { settingsTexts } from '../../state/settings-texts.ts'
import { appUrl, call, notices } from '../../state/stores.ts'
import { texts } from '../../state/texts.ts'
import { CodeLine } from '../code-line.tsx'
import { Button } from '../controls.tsx'
import { Field } from '../field.tsx'
import { useMay, useTitle } from '../hooks.ts'
import { attempt } from './attempt.ts'
import { Frame } from './frame.tsx'
import { KeyList, NewKeyButton } from './keys.tsx'
import { ManagedCamera } from './managed-camera.tsx'
import { Answer, Card, Row } from './parts.tsx'
import { useEverything } from './use-asked.ts'

const words = settingsTexts.access

/** Who was given one camera, and which keys feed it. */
export function CameraAccess({ id }: { id: string }) {
  return <ManagedCamera id={id}>{(camera) => <Access camera={camera} />}</ManagedCamera>
}

function Access({ camera }: { camera: Camera }) {
  const { id, name } = camera
  const grants = useEverything('porthole.grant.list', { id })
  const keys = useEverything('porthole.publish_key.list', { id })
  const take = (user: string) =>
    attempt(async () => {
      await call('porthole.grant.delete', { id, user })
      notices.add({ text: words.taken(user) })
      await grants.reload()
    })
  useTitle(texts.title(words.title(name)))
  return (
    <Frame title={words.title(name)} back={`/camera/${encodeURIComponent(id)}`} backLabel={words.back}>
      <Card title={words.people} text={words.peopleText}>
        <Answer asked={grants}>
          {(users) => (
            <>
              <ul className="rows">
                <Row title={camera.owner} note={words.owner} />
                {users.map((user) => (
                  <Row
                    key={user}
                    title={user}
                    actions={
                      <Button aria-label={words.takeOf(user)} onClick={() => void take(user)}>
                        {words.take}
                      </Button>
                    }
                  />
                ))}
              </ul>
              {users.length === 0 && <p className="quiet">{words.nobody}</p>}
              <GiveForm id={id} given={[...users, camera.owner]} onGiven={grants.reload} />
            </>
          )}
        </Answer>
      </Card>
      <Card
        title={words.keys}
        text={words.keysText}
        action={
          <NewKeyButton
            placeholder={words.keyPlaceholder}
            make={({ name }) => call('porthole.publish_key.create', { id, name })}
            onMade={keys.reload}
          />
        }
      >
        <Answer asked={keys}>
          {(data) => (
            <KeyList
              keys={data}
              rotate={(key) => call('porthole.publish_key.rotate', { id, key })}
              remove={(key) => call('porthole.publish_key.delete', { id, key })}
              onChanged={keys.reload}
            />
          )}
        </Answer>
        {camera.source.kind === 'upload' && <CodeLine>{landingTexts.upload.command(appUrl('').href.replace(/\/$/, ''), id)}</CodeLine>}
      </Card>
    </Frame>
  )
}

/** Owners are offered the users that there are; operators know the name of whom they give to. */
function GiveForm({ id, given, onGiven }: { id: string; given: readonly string[]; onGiven: () => Promise<void> }) {
  const isOwner = useMay('owner')
  const list = useId()
  const [user, setUser] = useState('')
  const give = async (event: FormEvent) => {
    event.preventDefault()
    const name = user.trim()
    if (given.includes(name)) {
      notices.add({ kind: 'error', text: words.already(name) })
      return
    }
    const done = await attempt(async () => {
      await call('porthole.grant.create', { id, user: name })
      notices.add({ text: words.given(name) })
      await onGiven()
    })
    if (done) setUser('')
  }
  return (
    <form className="inline-form" onSubmit={(event) => void give(event)}>
      <Field
        label={words.user}
        value={user}
        onChange={(event) => setUser(event.currentTarget.value)}
        required
        maxLength={64}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        list={isOwner ? list : undefined}
      />
      {isOwner && <Names id={list} given={given} />}
      <button type="submit" className="button">
        <span>{words.add}</span>
      </button>
    </form>
  )
}

function Names({ id, given }: { id: string; given: readonly string[] }) {
  const { data } = useEverything('porthole.user.list', {})
  const names = (data ?? []).filter(({ name, role }) => role !== 'owner' && !given.includes(name))
  return (
    <datalist id={id}>
      {names.map(({ name }) => (
        <option key={name} value={name} />
      ))}
    </datalist>
  )
}
