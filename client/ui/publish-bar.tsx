import { Link2, Mic, MicOff, Square, SwitchCamera } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { Link } from 'wouter'
import type { PublishingState } from '../state/publishing.ts'
import { publishing } from '../state/stores.ts'
import { adviceFor, adviceForCapture, texts } from '../state/texts.ts'
import { copyLink } from './clipboard.ts'
import { Button, IconButton } from './controls.tsx'
import { useCameras, usePublishing } from './hooks.ts'
import './publish-bar.css'

/** At the bottom of every page while this tab feeds a camera. */
export function PublishBar() {
  const camera = usePublishing((state) => state.camera)
  const removedHere = useCameras((state) => camera !== null && state.removedHere.has(camera))
  return camera === null || removedHere ? null : <Bar camera={camera} />
}

function Bar({ camera }: { camera: string }) {
  const status = usePublishing((state) => state.status)
  const name = useCameras((state) => (state.cameras[camera] ?? state.removed[camera])?.name ?? camera)
  const failed = status?.state === 'stopped' && status.error !== null
  return (
    <section
      className="publish-bar"
      aria-label={texts.publishing.label}
      data-publishing={camera}
      data-state={failed ? 'failed' : (status?.state ?? 'starting')}
    >
      <Preview />
      <div className="publish-text">
        <Link href={`/camera/${encodeURIComponent(camera)}`} className="publish-name">
          {name}
        </Link>
        {failed ? <Failure error={status.error} /> : <State camera={camera} status={status} />}
      </div>
      <div className="publish-actions">
        {failed ? <FailureActions camera={camera} error={status.error} /> : <Controls camera={camera} status={status} />}
      </div>
    </section>
  )
}

function Preview() {
  const stream = usePublishing((state) => state.stream)
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    if (video.current) video.current.srcObject = stream
  }, [stream])
  return (
    <div className="publish-preview">
      <video ref={video} muted playsInline autoPlay aria-label={texts.publishing.preview} />
    </div>
  )
}

function State({ camera, status }: { camera: string; status: PublishingState['status'] }) {
  const viewers = useCameras((state) => state.status[camera]?.viewers ?? 0)
  const live = status?.state === 'live'
  const text = live
    ? viewers > 0
      ? texts.publishing.watched(viewers)
      : texts.publishing.unwatched
    : status?.state === 'connecting'
      ? texts.publishing.connecting
      : texts.publishing.starting
  return (
    <p className="publish-state" role="status">
      <span className="dot" data-state={live ? (viewers > 0 ? 'live' : 'ready') : 'connecting'} aria-hidden="true" />
      {text}
    </p>
  )
}

function Controls({ camera, status }: { camera: string; status: PublishingState['status'] }) {
  const cameras = status?.devices.filter(({ kind }) => kind === 'videoinput') ?? []
  const next = cameras[(cameras.findIndex(({ deviceId }) => deviceId === status?.camera) + 1) % cameras.length]
  return (
    <>
      <IconButton
        icon={status?.microphone ? Mic : MicOff}
        label={texts.publishing.microphone}
        role="switch"
        aria-checked={status?.microphone ?? false}
        data-tip={status?.microphone ? texts.publishing.microphoneOff : texts.publishing.microphoneOn}
        disabled={status?.state === 'starting' || !status}
        onClick={() => void publishing.setMicrophone(!status?.microphone)}
      />
      {cameras.length === 2 && next && (
        <IconButton icon={SwitchCamera} label={texts.publishing.switchDevice} onClick={() => void publishing.setCamera(next.deviceId)} />
      )}
      {cameras.length > 2 && (
        <select
          className="select"
          aria-label={texts.publishing.device}
          value={status?.camera ?? ''}
          onChange={({ target }) => void publishing.setCamera(target.value)}
        >
          {cameras.map(({ deviceId, label }, i) => (
            <option key={deviceId} value={deviceId}>
              {label || texts.publishing.unnamedDevice(i + 1)}
            </option>
          ))}
        </select>
      )}
      <IconButton icon={Link2} label={texts.actions.copyLink} onClick={() => void copyLink(camera)} />
      <Button icon={Square} className="stop" onClick={publishing.stop}>
        {texts.publishing.stop}
      </Button>
    </>
  )
}

type Failed = NonNullable<NonNullable<PublishingState['status']>['error']>

function Failure({ error }: { error: Failed | null }) {
  if (!error) return null
  const { title, text } = error.kind === 'capture' ? adviceForCapture(error.reason) : adviceFor(error.code)
  return (
    <div role="alert" className="publish-failure">
      <strong>{title}</strong>
      <p>{text}</p>
    </div>
  )
}

function FailureActions({ camera, error }: { camera: string; error: Failed | null }) {
  const taken = error?.kind === 'server' && (error.code === 'publisher.exists' || error.code === 'publisher.replaced')
  const gone = error?.kind === 'server' && /^camera\./.test(error.code)
  return (
    <>
      {taken && (
        <Button
          className="primary"
          onClick={() => (error.code === 'publisher.exists' ? publishing.takeOver() : void publishing.start(camera, true))}
        >
          {texts.actions.takeOver}
        </Button>
      )}
      {!taken && !gone && (
        <Button className="primary" onClick={() => void publishing.start(camera, false)}>
          {texts.actions.tryAgain}
        </Button>
      )}
      <Button onClick={() => void publishing.discard()}>{gone ? texts.actions.dismiss : texts.actions.cancel}</Button>
    </>
  )
}
