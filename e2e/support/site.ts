import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SitePage {
  readonly html: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Somebody's own web site: another origin, and another site, than the server's 127.0.0.1. */
export async function startSite(pages: Readonly<Record<string, SitePage>>) {
  const server = createServer((request, response) => {
    const page = pages[request.url ?? '']
    response.writeHead(page ? 200 : 404, { 'content-type': 'text/html; charset=utf-8', ...page?.headers })
    response.end(page ? `<!doctype html><html lang="en"><title>A page</title>${page.html}` : '')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export type Site = Awaited<ReturnType<typeof startSite>>
