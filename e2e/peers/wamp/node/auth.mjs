// @ts-nocheck: other people's clients, which are not installed where types are checked.
// Joins by each authentication method. Arguments: the client, and a JSON list of `{name, url, realm, serializer, authentication}`.
import { client, tell } from './common.mjs'

const { open } = await client()
for (const { name, url, realm, serializer, authentication } of JSON.parse(process.argv[3])) {
  try {
    const session = await open(url, realm, serializer, authentication)
    const { authid, authrole, authmethod } = session.welcome
    tell(name, [authid, authrole, authmethod])
    await session.leave()
  } catch (error) {
    if (!error.uri) throw error
    tell(name, error.uri)
  }
}
process.exit(0)
