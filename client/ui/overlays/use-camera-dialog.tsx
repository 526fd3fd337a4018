import { RotateCcw } from 'lucide-react'
import { useState } from 'react'
import { MAX_NAME_CHARS } from '../../../shared/protocol/limits.ts'
import { platformName } from '../../state/format.ts'
import { cameras, overlays, publishing } from '../../state/stores.ts'
import { adviceForCapture, texts } from '../../state/texts.ts'
import { Button } from '../controls.tsx'
import { Field, FormError } from '../field.tsx'
import { useCameras, usePublishing } from '../hooks.ts'
import { DialogForm, DialogFrame } from './frame.tsx'

/** Makes a camera of this device. */
export function UseCameraDialog({ open }: { open: boolean }) {
  const [last] = useState(() => publishing.last())
  const lastName = useCameras((state) => (last === null ? undefined : state.cameras[last]?.name))
  const current = usePublishing((state) => state.camera)
  const currentName = useCameras((state) => (current === null ? undefined : state.cameras[current]?.name))
  const insecure = !globalThis.isSecureContext || !navigator.mediaDevices

  const start = async (form: FormData) => {
    await publishing.beginNew(String(form.get('name')).trim())
  }
  const goOn = (id: string) => {
    overlays.closeDialog()
    void publishing.start(id, false)
  }
  return (
    <DialogFrame open={open} title={texts.useCamera.title}>
      {insecure ? (
        <>
          <FormError>
            <strong>{adviceForCapture('insecure').title}.</strong> {adviceForCapture('insecure').text}
          </FormError>
          {location.protocol === 'http:' && (
            // The same port answers https.
            <a className="button primary wide" href={`https://${location.host}${location.pathname}`}>
              <span>{texts.useCamera.secure}</span>
            </a>
          )}
        </>
      ) : (
        <>
          <p>{texts.useCamera.text}</p>
          {currentName && <p>{texts.useCamera.replaces(currentName)}</p>}
          {last !== null && lastName && (
            <Button className="wide" icon={RotateCcw} onClick={() => goOn(last)}>
              {texts.useCamera.again(lastName)}
            </Button>
          )}
          <DialogForm submit={texts.useCamera.start} busy={texts.useCamera.starting} onSubmit={start}>
            <Field
              label={texts.useCamera.name}
              name="name"
              defaultValue={freeName(texts.useCamera.defaultName(platformName(navigator.userAgent)))}
              required
              pattern=".*\S.*"
              maxLength={MAX_NAME_CHARS}
              autoComplete="off"
              onFocus={(event) => event.currentTarget.select()}
            />
          </DialogForm>
        </>
      )}
    </DialogFrame>
  )
}

/** The name, or with a number behind it when another camera has it. */
function freeName(name: string): string {
  const taken = new Set(Object.values(cameras.store.getState().cameras).map((camera) => camera.name))
  if (!taken.has(name)) return name
  let n = 2
  while (taken.has(`${name} ${n}`)) n++
  return `${name} ${n}`
}
