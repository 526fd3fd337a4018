// @ts-nocheck: other people's clients, which are not installed where types are checked.
// Signs in, makes a camera, and hears of it. Arguments: the client, the router's URL, and how to sign in, as JSON.
import { client, Heard, tell } from './common.mjs'

const { open } = await client()
const session = await open(process.argv[3], 'porthole', 'json', JSON.parse(process.argv[4]))
tell('joined', [session.welcome.authid, session.welcome.authrole, session.welcome.authmethod])
const heard = new Heard()
await session.subscribe('porthole.camera', ({ details }) => heard.add(details.topic.split('.').at(-1)), { match: 'prefix' })
const created = await session.call('porthole.camera.create', [], { name: 'Azalea', source: { kind: 'browser' } })
const camera = created.args[0] ?? created.kwargs
tell('created', camera.name)
// Whatever else is said of cameras, this one's creation is.
while (!heard.includes('created')) await heard.first(heard.length + 1)
tell('heard')
const listed = await session.call('porthole.camera.list')
tell(
  'listed',
  (listed.args[0] ?? listed.kwargs).cameras.some(({ id }) => id === camera.id),
)
await session.leave()
process.exit(0)
