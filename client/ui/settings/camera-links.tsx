import { Plus, QrCode, Settings2 } from 'lucide-react'
import type { Camera } from '../../../shared/model/camera.ts'
import type { Share } from '../../../shared/model/share.ts'
import { clockTime } from '../../state/format.ts'
import { settingsTexts } from '../../state/settings-texts.ts'
import { shareTexts } from '../../state/share-texts.ts'
import { call, notices, overlays } from '../../state/stores.ts'
import { texts } from '../../state/texts.ts'
import { Button, IconButton } from '../controls.tsx'
import { useSession, useTitle } from '../hooks.ts'
import { Frame } from './frame.tsx'
import { ManagedCamera } from './managed-camera.tsx'
import { Answer, Card, Row } from './parts.tsx'
import { useEverything, useRefresh } from './use-asked.ts'

const words = shareTexts.page

/** All links to one camera, and what is said of them. */
export function CameraLinks({ id }: { id: string }) {
  return <ManagedCamera id={id}>{(camera) => <Links camera={camera} />}</ManagedCamera>
}

function Links({ camera: { id, name } }: { camera: Camera }) {
  const asked = useEverything('porthole.share.list', { camera: id })
  const { reload } = asked
  useRefresh(reload)
  useTitle(texts.title(words.title(name)))
  const settings = (share: Share | null) => overlays.openDialog({ kind: 'share-settings', camera: id, share, onSaved: reload })
  return (
    <Frame title={words.title(name)} back={`/camera/${encodeURIComponent(id)}`} backLabel={settingsTexts.access.back}>
      <Card
        title={words.card}
        text={words.text}
        action={
          <Button icon={Plus} onClick={() => settings(null)}>
            {words.new}
          </Button>
        }
      >
        <Answer asked={asked}>
          {(shares) =>
            shares.length === 0 ? (
              <p className="quiet">{words.none}</p>
            ) : (
              <ul className="rows">
                {shares.map((share) => (
                  <LinkRow key={share.id} share={share} camera={id} onChange={() => settings(share)} onGone={reload} />
                ))}
              </ul>
            )
          }
        </Answer>
      </Card>
    </Frame>
  )
}

function LinkRow({ share, camera, onChange, onGone }: { share: Share; camera: string; onChange: () => void; onGone: () => Promise<void> }) {
  const label = share.label || words.unnamed(clockTime(Date.parse(share.createdAt), Date.now()))
  const me = useSession((state) => state.session?.user)
  const takeBack = () =>
    overlays.openDialog({
      kind: 'confirm',
      title: words.takeBackTitle(label),
      text: words.takeBackText,
      submit: words.takeBack,
      danger: true,
      run: async () => {
        await call('porthole.share.delete', { share: share.id })
        notices.add({ text: words.takenBack })
        void onGone()
        return null
      },
    })
  return (
    <Row
      title={label}
      note={[words.watching(share.viewers, share.views), ...boundsOf(share), share.createdBy !== me && words.by(share.createdBy)]
        .filter(Boolean)
        .join(' · ')}
      actions={
        <>
          <IconButton
            icon={QrCode}
            label={words.showOf(label)}
            data-tip={words.show}
            onClick={() => overlays.openDialog({ kind: 'share', camera, share })}
          />
          <IconButton icon={Settings2} label={words.changeOf(label)} data-tip={words.change} onClick={onChange} />
          <Button aria-label={words.takeBackOf(label)} onClick={takeBack}>
            {words.takeBack}
          </Button>
        </>
      }
    />
  )
}

/** What binds a link, in a few words. */
function boundsOf({ expiresAt, passcode, maxViewers, audio, origins, cameras }: Share): string[] {
  const now = Date.now()
  const end = expiresAt === null ? null : Date.parse(expiresAt)
  return [
    end !== null && (end <= now ? words.expired : words.expires)(clockTime(end, now)),
    passcode !== null && words.passcode(passcode),
    maxViewers !== null && words.cap(maxViewers),
    origins !== null && words.sites(origins.length),
    audio && words.sound,
    cameras.length > 1 && words.cameras(cameras.length),
  ].filter((word) => word !== false)
}
