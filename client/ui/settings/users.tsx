import { KeyRound, Plus, UserMinus } from 'lucide-react'
import { USER_ROLES, type UserRole } from '../../../shared/model/session.ts'
import type { User } from '../../../shared/model/user.ts'
import { settingsTexts } from '../../state/settings-texts.ts'
import { call, notices, overlays } from '../../state/stores.ts'
import { Button, IconButton } from '../controls.tsx'
import { useSession } from '../hooks.ts'
import { Answer, Card, Row } from './parts.tsx'
import { useEverything } from './use-asked.ts'

const words = settingsTexts.users

/** Everybody who may sign in. */
export function Users() {
  const me = useSession((state) => state.session?.user)
  const users = useEverything('porthole.user.list', {})
  // Asked first: arrow keys alone choose another.
  const askRole = ({ name }: User, role: UserRole) =>
    overlays.openDialog({
      kind: 'confirm',
      title: words.changeTitle(name, settingsTexts.roles[role]),
      text: settingsTexts.roleHints[role],
      submit: words.change,
      run: async () => {
        await call('porthole.user.update', { name, role })
        notices.add({ text: words.changed(name, settingsTexts.roles[role]) })
        void users.reload()
        return null
      },
    })
  const remove = ({ name }: User) =>
    overlays.openDialog({
      kind: 'confirm',
      title: words.removeTitle(name),
      text: words.removeText,
      submit: words.remove,
      danger: true,
      run: async () => {
        await call('porthole.user.delete', { name })
        notices.add({ text: words.removed(name) })
        void users.reload()
        return null
      },
    })
  return (
    <Card
      title={words.title}
      text={words.text}
      action={
        <Button icon={Plus} onClick={() => overlays.openDialog({ kind: 'new-user', onAdded: users.reload })}>
          {words.add}
        </Button>
      }
    >
      <Answer asked={users}>
        {(data) => (
          <ul className="rows">
            {data.map((user) => {
              const isMe = user.name === me
              return (
                <Row
                  key={user.name}
                  title={
                    <>
                      {user.name}
                      {isMe && <span className="chip">{words.you}</span>}
                    </>
                  }
                  note={user.checker ? words.by(user.checker) : user.hasPassword ? settingsTexts.roleHints[user.role] : words.noPassword}
                  actions={
                    <>
                      <select
                        className="choice"
                        aria-label={words.roleOf(user.name)}
                        value={user.role}
                        disabled={isMe}
                        onChange={(event) => askRole(user, event.currentTarget.value as UserRole)}
                      >
                        {USER_ROLES.map((role) => (
                          <option key={role} value={role}>
                            {settingsTexts.roles[role]}
                          </option>
                        ))}
                      </select>
                      {!isMe && (
                        <>
                          <IconButton
                            icon={KeyRound}
                            label={words.setPasswordOf(user.name)}
                            onClick={() => overlays.openDialog({ kind: 'user-password', user: user.name, onSet: users.reload })}
                          />
                          <IconButton icon={UserMinus} label={words.removeOf(user.name)} onClick={() => remove(user)} />
                        </>
                      )}
                    </>
                  }
                />
              )
            })}
          </ul>
        )}
      </Answer>
    </Card>
  )
}
