import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { openCamera } from '../../publisher/capture.ts'
import { createPublisher } from '../../publisher/publisher.ts'
import { storageOf } from '../../state/storage.ts'
import { appUrl } from '../../transport/base.ts'
import { connect, socketUrl } from '../../transport/socket.ts'
import { createJoin, type Join, type JoinState } from './join-store.ts'

/** This phone's part in the stage of a code. */
export function useJoin(code: string): [Join, JoinState] {
  const [join] = useState(() =>
    createJoin(code, {
      connect,
      url: (path) => socketUrl(appUrl(path)),
      openCamera,
      createPublisher,
      tabStorage: storageOf(() => sessionStorage),
    }),
  )
  useEffect(() => join.begin(), [join])
  return [join, useStore(join.store)]
}
