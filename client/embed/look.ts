import type { PlayerStatus } from '../player/types.ts'
import { ageText, viewTexts as texts, viewError } from '../state/view-texts.ts'
import { CSS } from './style.ts'

/** Paths of the icons (24 × 24). */
const ICONS = {
  play: 'M8 5v14l11-7z',
  pause: 'M9 5v14M15 5v14',
  sound: 'M4 10v4h4l5 4V6L8 10zM17 9a4 4 0 0 1 0 6',
  silent: 'M4 10v4h4l5 4V6L8 10zM17 10l4 4M21 10l-4 4',
  save: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  full: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  leave: 'M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5',
} as const
type Icon = keyof typeof ICONS

/** What the visitor may do. */
export interface Deeds {
  readonly toggle: () => void
  readonly toggleSound: () => void
  readonly save: () => void
  readonly fullScreen: () => void
  readonly passcode: (passcode: string) => void
}

/** What is to be seen. */
export interface Scene {
  readonly status: PlayerStatus | undefined
  /** Nothing plays: the visitor, or the page, did not want it. */
  readonly paused: boolean
  readonly muted: boolean
  readonly controls: boolean
  readonly poster: string | undefined
  /** There is nothing that could be shown. */
  readonly unfit: boolean
  readonly isFull: boolean
}

const sheet = () => {
  const sheet = new CSSStyleSheet()
  // A sheet that is made by script needs no leave of the page's policy.
  sheet.replaceSync(CSS)
  return sheet
}
let shared: CSSStyleSheet | undefined

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string>,
  ...children: Node[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  return made
}

function icon(name: Icon): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  path.setAttribute('d', ICONS[name])
  svg.append(path)
  return svg
}

/** The player's inside: picture, state, messages, controls. Draws what it is told, and tells what is pressed. */
export class Look {
  /** What the picture is put into. */
  readonly picture = element('div', { class: 'picture', part: 'picture', role: 'img' })
  readonly #poster = element('img', { class: 'poster', part: 'poster', alt: '', hidden: '' })
  readonly #badge = element('div', { class: 'badge', part: 'badge' })
  readonly #message = element('div', { class: 'message', part: 'message' })
  readonly #facts = element('span', {})
  readonly #play: HTMLButtonElement
  readonly #sound: HTMLButtonElement
  readonly #save: HTMLButtonElement
  readonly #full: HTMLButtonElement
  readonly #controls: HTMLElement
  readonly #deeds: Deeds
  #said = ''
  /** A passcode was typed in. */
  #typed = false

  constructor(root: ShadowRoot, deeds: Deeds) {
    this.#deeds = deeds
    shared ??= sheet()
    root.adoptedStyleSheets = [shared]
    this.#play = this.#button('pause', texts.pause, deeds.toggle)
    this.#sound = this.#button('silent', texts.soundOn, deeds.toggleSound)
    this.#save = this.#button('save', texts.snapshot, deeds.save)
    this.#full = this.#button('full', texts.fullScreen, deeds.fullScreen)
    this.#controls = element('div', { class: 'controls', part: 'controls' }, this.#play, this.#sound, this.#facts, this.#save, this.#full)
    root.append(this.picture, this.#poster, this.#badge, this.#message, this.#controls)
  }

  draw(scene: Scene): void {
    const { status, paused, muted, controls, poster, unfit, isFull } = scene
    const state = unfit ? 'ended' : paused ? 'paused' : (status?.state ?? 'connecting')
    const showing = state === 'live' || state === 'behind'
    const name = status?.name ?? ''
    this.picture.setAttribute('aria-label', texts.pictureOf(name || texts.product))
    if (status?.share) this.picture.dataset.camera = status.share.camera
    this.picture.classList.toggle('still', !showing && !paused)
    const posterShown = poster !== undefined && (status?.width ?? 0) === 0 && state !== 'ended'
    if (posterShown && this.#poster.src !== poster) this.#poster.src = poster
    this.#poster.hidden = !posterShown
    this.#badge.dataset.state = state
    this.#badge.textContent = texts.states[state]
    this.#badge.hidden = unfit || state === 'ended'
    this.#say(scene, state)
    this.#controls.hidden = !controls || state === 'ended'
    if (!controls) return
    set(this.#play, paused ? 'play' : 'pause', paused ? texts.play : texts.pause)
    set(this.#sound, muted ? 'silent' : 'sound', muted ? texts.soundOn : texts.soundOff)
    this.#sound.hidden = !status?.hasAudio
    this.#save.hidden = (status?.width ?? 0) === 0
    set(this.#full, isFull ? 'leave' : 'full', isFull ? texts.leaveFullScreen : texts.fullScreen)
    this.#full.hidden = !document.fullscreenEnabled
    this.#facts.textContent = [name, showing && status?.age != null ? ageText(status.age) : ''].filter(Boolean).join(' · ')
  }

  /** What stands over the picture. Made anew only when it says something else: a form keeps what is typed. */
  #say({ status, paused, unfit }: Scene, state: string): void {
    const code = status?.error?.code
    const asks = state === 'ended' && (code === 'share.passcode' || code === 'share.wrong')
    const said = `${state}|${code}|${paused}|${unfit}`
    if (said === this.#said) return
    this.#said = said
    const words = (text: string, role: string) => element('p', { role }, document.createTextNode(text))
    const children = unfit
      ? [words(texts.unfit, 'alert')]
      : paused
        ? [this.#button('play', texts.play, this.#deeds.toggle, 'fill big')]
        : asks
          ? this.#form(code === 'share.wrong')
          : state === 'ended'
            ? [words(viewError(code ?? 'server.internal'), 'alert')]
            : code === 'share.full' || code === 'request.rate'
              ? [words(code === 'share.full' ? texts.full : viewError(code), 'status')]
              : state === 'offline'
                ? [words(texts.offline, 'status')]
                : state === 'connecting' || state === 'waiting'
                  ? [element('div', { class: 'spinner', role: 'status', 'aria-label': texts.states[state] })]
                  : []
    this.#message.replaceChildren(...children)
    this.#message.hidden = children.length === 0
    // Never from a page's own field: only who typed here goes on typing here.
    if (asks && this.#typed) this.#message.querySelector('input')?.focus({ preventScroll: true })
    if (asks) this.#typed = false
  }

  #form(wrong: boolean): Node[] {
    const words = texts.passcode
    const field = element('input', {
      type: 'password',
      name: 'passcode',
      autocomplete: 'off',
      required: '',
      'aria-label': words.label,
      placeholder: words.label,
    })
    const form = element('form', {}, field, element('button', { class: 'fill', part: 'button' }, document.createTextNode(words.submit)))
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      this.#typed = true
      this.#deeds.passcode(field.value)
    })
    return [element('p', { role: wrong ? 'alert' : 'status' }, document.createTextNode(wrong ? words.wrong : words.text)), form]
  }

  #button(name: Icon, label: string, run: () => void, look = ''): HTMLButtonElement {
    const button = element('button', { type: 'button', class: look, part: 'button', 'aria-label': label, title: label }, icon(name))
    button.addEventListener('click', run)
    return button
  }
}

function set(button: HTMLButtonElement, name: Icon, label: string): void {
  if (button.getAttribute('aria-label') === label) return
  button.setAttribute('aria-label', label)
  button.title = label
  button.replaceChildren(icon(name))
}
