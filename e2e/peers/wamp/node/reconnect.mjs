// @ts-nocheck: other people's clients, which are not installed where types are checked.
// A component whose connection is lost. It ends once it was called in its second session. Arguments: the client, the URL, the realm.
import { client, tell } from './common.mjs'

const { component } = await client()
const [URL, REALM] = process.argv.slice(3)
const sessions = []
await component(
  URL,
  REALM,
  'com.reconnect.number',
  () => sessions.length,
  async (session) => {
    sessions.push(session.id)
    const answer = (await session.call('com.reconnect.number')).args[0]
    tell(`joined ${sessions.length}`, answer)
    if (sessions.length < 2) return
    tell('another session', sessions[0] !== sessions[1])
    await session.leave()
    tell('end')
    process.exit(0)
  },
)
