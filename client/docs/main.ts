import { referenceTexts } from '../state/reference-texts.ts'
import { appUrl } from '../transport/base.ts'
import { load } from './load.ts'
import { readable } from './openapi.ts'
import '../ui/base.css'
import '../ui/controls.css'
import '../ui/message.css'

/** `/docs`: the API for people, by the document of the server itself. */
const host = document.getElementById('reference') as HTMLElement

async function start(): Promise<void> {
  host.replaceChildren(element('p', { className: 'waiting quiet', textContent: referenceTexts.loading, role: 'status' }))
  try {
    const document = await load()
    if (!document) return say(referenceTexts.signedOut, element('a', { href: './' }))
    const { show } = await import('./viewer.ts')
    await show(host, readable(document, appUrl('').href.replace(/\/$/, '')))
  } catch (error) {
    console.warn(error)
    say(referenceTexts.unreachable, element('button', { type: 'button', onclick: () => void start() }))
  }
}

/** One thing, and what to do about it. */
function say({ title, text, action }: { title: string; text: string; action: string }, way: HTMLElement): void {
  way.className = 'button primary'
  way.textContent = action
  const words = [element('h2', { textContent: title }), element('p', { textContent: text, role: 'alert' })]
  host.replaceChildren(element('main', { className: 'message' }, ...words, way))
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]>,
  ...children: readonly HTMLElement[]
): HTMLElementTagNameMap[Name] {
  const made = Object.assign(document.createElement(name), properties)
  made.append(...children)
  return made
}

void start()
