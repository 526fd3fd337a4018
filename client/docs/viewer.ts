import OpenApiExplorer from 'openapi-explorer'
import { FROM_PAGE } from './load.ts'
import type { OpenApi } from './openapi.ts'
import look from './viewer.css?inline'

/** Shows the document in the viewer, which looks like the dashboard. */
export async function show(host: HTMLElement, document: OpenApi): Promise<void> {
  const viewer = new OpenApiExplorer()
  // No servers or keys to choose: there is this server, and who is signed in.
  for (const name of ['hide-server-selection', 'hide-authentication', 'display-nulls']) viewer.setAttribute(name, '')
  // Browsers say it themselves to an origin that they trust: examples for programs then have no header too many.
  if (!isSecureContext) viewer.addEventListener('request', sayFromPage)
  host.replaceChildren(viewer)
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(look)
  viewer.shadowRoot?.adoptedStyleSheets.push(sheet)
  await viewer.loadSpec(document)
  await viewer.updateComplete
  // It scrolls: by keys too.
  viewer.shadowRoot?.querySelector('main')?.setAttribute('tabindex', '0')
}

function sayFromPage(event: Event): void {
  const { headers } = (event as CustomEvent<{ request: { headers: Headers } }>).detail.request
  for (const [name, value] of Object.entries(FROM_PAGE)) headers.set(name, value)
}
