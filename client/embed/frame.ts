import '../player/worker.ts'
import { bridge } from './bridge.ts'
import { define, PortholeView, setHome } from './view.ts'

/** `/embed/:token`: the player alone, in a frame of another site. Its address says how it looks: `?controls=0&muted=1&fit=cover&autoplay=0&camera=ID`. */
define()
setHome(new URL(document.baseURI))
const said = new URLSearchParams(location.search)
const isOff = (name: string) => ['0', 'off', 'false'].includes(said.get(name) ?? '')
const isOn = (name: string) => said.has(name) && !isOff(name)

const view = new PortholeView()
view.src = location.href
view.controls = !isOff('controls')
view.muted = isOn('muted')
view.autoplay = !isOff('autoplay')
for (const name of ['fit', 'camera']) {
  const value = said.get(name)
  if (value) view.setAttribute(name, value)
}
document.body.append(view)

const origins = document.querySelector<HTMLMetaElement>('meta[name="porthole:origins"]')?.content.split(' ') ?? []
if (parent !== window) bridge(view, parent, [...origins, location.origin], (heard) => addEventListener('message', heard))
