import type { FromRuntime, ToRuntime } from './runtime-messages.ts'
import { PlayerSession } from './session.ts'

/** All players of a page. Runs in the players' worker, or in the page where workers cannot draw. */
export function createRuntime(post: (message: FromRuntime, transfer: Transferable[]) => void): (message: ToRuntime) => void {
  const sessions = new Map<number, PlayerSession>()
  let hidden = false
  return (message) => {
    if (message.type === 'hidden') {
      hidden = message.hidden
      for (const session of sessions.values()) session.setHidden(hidden)
      return
    }
    const { id } = message
    if (message.type === 'open') {
      const session = new PlayerSession({
        ...message,
        onStatus: (status) => post({ type: 'status', id, status }, []),
        onSound: ({ time, sampleRate, channels }, age) =>
          post(
            { type: 'sound', id, time, age, sampleRate, channels },
            channels.map(({ buffer }) => buffer),
          ),
      })
      session.setHidden(hidden)
      sessions.set(id, session)
      return
    }
    const session = sessions.get(id)
    if (!session) return
    switch (message.type) {
      case 'rendition':
        return session.setRendition(message.rendition)
      case 'audio':
        return session.setAudio(message.on)
      case 'motion':
        return session.setMotion(message.on)
      case 'paused':
        return session.setPaused(message.paused)
      case 'delay':
        return session.setDelay(message.delay)
      case 'snapshot':
        void session.snapshot().then((blob) => post({ type: 'snapshot', id, request: message.request, blob }, []))
        return
      case 'close':
        session.close()
        sessions.delete(id)
    }
  }
}
