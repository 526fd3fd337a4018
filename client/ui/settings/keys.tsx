import { Plus, RefreshCw, Trash2 } from 'lucide-react'
import type { Key, NewKey } from '../../../shared/model/key.ts'
import type { UserRole } from '../../../shared/model/session.ts'
import { ago, clockTime } from '../../state/format.ts'
import { settingsTexts } from '../../state/settings-texts.ts'
import { notices, overlays } from '../../state/stores.ts'
import { Button, IconButton } from '../controls.tsx'
import { Row } from './parts.tsx'

const words = settingsTexts.keys

interface NewKeyProps {
  readonly placeholder: string
  /** Whether it can be told to do no more than a role. */
  readonly withRole?: boolean
  readonly make: (key: { name: string; role: UserRole | undefined }) => Promise<NewKey>
  readonly onMade: () => Promise<void>
}

export function NewKeyButton({ placeholder, withRole = false, make, onMade }: NewKeyProps) {
  const open = () =>
    overlays.openDialog({
      kind: 'new-key',
      placeholder,
      withRole,
      make: async (key) => {
        const { key: secret } = await make(key)
        void onMade()
        return secret
      },
    })
  return (
    <Button icon={Plus} onClick={open}>
      {words.add}
    </Button>
  )
}

interface KeyListProps {
  readonly keys: readonly Key[]
  /** Whose keys need no name beside them. */
  readonly mine?: string | undefined
  readonly rotate: (key: string) => Promise<NewKey>
  readonly remove: (key: string) => Promise<null>
  readonly onChanged: () => Promise<void>
}

export function KeyList({ keys, mine, rotate, remove, onChanged }: KeyListProps) {
  if (keys.length === 0) return <p className="quiet">{words.none}</p>
  const askRotate = ({ id, name }: Key) =>
    overlays.openDialog({
      kind: 'confirm',
      title: words.rotateOf(`“${name}”`),
      text: words.rotateText,
      submit: words.rotate,
      run: async () => {
        const { key } = await rotate(id)
        void onChanged()
        return { kind: 'secret', secret: key }
      },
    })
  const askRemove = ({ id, name }: Key) =>
    overlays.openDialog({
      kind: 'confirm',
      title: words.deleteTitle(name),
      text: words.deleteText,
      submit: words.delete,
      danger: true,
      run: async () => {
        await remove(id)
        notices.add({ text: words.deleted(name) })
        void onChanged()
        return null
      },
    })
  const now = Date.now()
  return (
    <ul className="rows">
      {keys.map((key) => {
        const notes = [
          key.user !== undefined && key.user !== mine && words.of(key.user),
          key.role && words.atMost(settingsTexts.roles[key.role]),
          words.made(clockTime(Date.parse(key.createdAt), now)),
          key.usedAt ? words.used(ago(Date.parse(key.usedAt), now)) : words.neverUsed,
        ]
        return (
          <Row
            key={key.id}
            title={key.name}
            note={notes.filter(Boolean).join(' · ')}
            actions={
              <>
                <IconButton icon={RefreshCw} label={words.rotateOf(key.name)} onClick={() => askRotate(key)} />
                <IconButton icon={Trash2} label={words.deleteOf(key.name)} onClick={() => askRemove(key)} />
              </>
            }
          />
        )
      })}
    </ul>
  )
}
