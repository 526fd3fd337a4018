import { ERRORS, type ErrorCode } from '../../shared/protocol/errors.ts'
import { download, pictureFile } from '../player/download.ts'
import { createPlayer } from '../player/player.ts'
import type { Player, PlayerStatus } from '../player/types.ts'
import { Look } from './look.ts'
import { sourceOf } from './source.ts'

/** What the element tells; docs/embed.md. */
export interface PortholeEvents {
  /** The first picture is shown. */
  ready: { readonly name: string }
  live: null
  behind: null
  offline: null
  gap: { readonly frames: number }
  error: { readonly code: ErrorCode; readonly message: string }
}

export type Fit = 'contain' | 'cover' | 'fill'

/** Milliseconds that a view which nobody sees, or that is paused, keeps its connection. */
const UNSEEN_MS = 60_000

/** Where the server of this script stands; the page's own unless told. */
let home = new URL('/', location.href)
export function setHome(address: URL): void {
  home = address
}

/** `<porthole-view share="TOKEN">`: a live view in any page. Begins when it is seen, pauses while it is not. */
export class PortholeView extends HTMLElement {
  static readonly observedAttributes = ['share', 'src', 'camera', 'muted', 'controls', 'fit', 'poster', 'autoplay']

  readonly #look: Look
  #player: Player | undefined
  #status: PlayerStatus | undefined
  #passcode: string | undefined
  /** What the visitor or the page said; undefined: as `autoplay` says. */
  #wanted: boolean | undefined
  #onScreen = false
  /** The visitor touched it: from then on browsers let it sound. */
  #touched = false
  #sounds = false
  #isReady = false
  /** It was let in by this link before: coming back is no new view. */
  #entered = false
  #unseen: ReturnType<typeof setTimeout> | undefined
  readonly #observer = new IntersectionObserver((entries) => {
    this.#onScreen = entries.at(-1)?.isIntersecting ?? false
    this.#run()
  })

  constructor() {
    super()
    this.#look = new Look(this.attachShadow({ mode: 'open' }), {
      toggle: () => (this.paused ? this.play() : this.pause()),
      toggleSound: () => {
        const isSilent = this.#isSilent
        this.#touched = true
        this.muted = !isSilent
      },
      save: () => void this.#save(),
      fullScreen: () => void (this.matches(':fullscreen') ? document.exitFullscreen() : this.requestFullscreen()).catch(() => {}),
      passcode: (passcode) => {
        this.#passcode = passcode
        this.#again()
      },
    })
    // A press that is meant, by finger, pointer or key: what only scrolls or moves the focus starts no sound.
    this.addEventListener('click', () => this.#touch())
    this.addEventListener('fullscreenchange', () => this.#draw())
  }

  connectedCallback(): void {
    this.#observer.observe(this)
    document.addEventListener('visibilitychange', this.#run)
    this.#draw()
  }

  disconnectedCallback(): void {
    this.#observer.disconnect()
    document.removeEventListener('visibilitychange', this.#run)
    this.#onScreen = false
    this.#end()
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || !this.isConnected) return
    if (name === 'share' || name === 'src') {
      this.#passcode = undefined
      this.#entered = false
    }
    if (name === 'share' || name === 'src' || name === 'camera') this.#again()
    this.#run()
  }

  /** Whether nothing plays because nobody wants it. */
  get paused(): boolean {
    return !(this.#wanted ?? this.autoplay)
  }

  /** What is shown and how well: state, age in ms, frames a second; undefined before it began. */
  get status(): PlayerStatus | undefined {
    return this.#status
  }

  get share(): string {
    return this.getAttribute('share') ?? ''
  }
  set share(token: string) {
    this.setAttribute('share', token)
  }

  get src(): string {
    return this.getAttribute('src') ?? ''
  }
  set src(address: string) {
    this.setAttribute('src', address)
  }

  /** Which camera, of a share of several. */
  get camera(): string {
    return this.getAttribute('camera') ?? this.#status?.share?.camera ?? ''
  }
  set camera(id: string) {
    this.setAttribute('camera', id)
  }

  get muted(): boolean {
    return this.hasAttribute('muted')
  }
  set muted(muted: boolean) {
    this.toggleAttribute('muted', muted)
  }

  get controls(): boolean {
    return this.hasAttribute('controls')
  }
  set controls(controls: boolean) {
    this.toggleAttribute('controls', controls)
  }

  get fit(): Fit {
    const fit = this.getAttribute('fit')
    return fit === 'cover' || fit === 'fill' ? fit : 'contain'
  }
  set fit(fit: Fit) {
    this.setAttribute('fit', fit)
  }

  get poster(): string {
    return this.getAttribute('poster') ?? ''
  }
  set poster(address: string) {
    this.setAttribute('poster', address)
  }

  /** It plays by itself, unless `autoplay="off"`. */
  get autoplay(): boolean {
    return !['off', 'false', '0'].includes(this.getAttribute('autoplay') ?? '')
  }
  set autoplay(autoplay: boolean) {
    this.setAttribute('autoplay', autoplay ? '' : 'off')
  }

  play(): void {
    this.#wanted = true
    this.#run()
  }

  pause(): void {
    this.#wanted = false
    this.#run()
  }

  /** The picture that is shown now, image/jpeg. Rejects when there is none yet. */
  async snapshot(): Promise<Blob> {
    if (!this.#player) throw new Error('there is no picture yet')
    return this.#player.snapshot()
  }

  /** Plays or pauses, as it is wanted and seen. */
  readonly #run = (): void => {
    const plays = !this.paused && this.#onScreen && !document.hidden
    if (plays && !this.#player) this.#begin()
    this.#player?.setPaused(!plays)
    clearTimeout(this.#unseen)
    // Who looks elsewhere for long gives their place to somebody else.
    if (!plays && this.#player) this.#unseen = setTimeout(() => this.#leave(), UNSEEN_MS)
    this.#hear()
    this.#draw()
  }

  #begin(): void {
    const source = this.#source()
    if (!source) return
    const camera = this.getAttribute('camera')
    const shared = source.poster !== undefined
    this.#sounds = false
    this.#player = createPlayer({
      url: source.url,
      ...(shared && {
        enter: {
          ...(camera && { camera }),
          ...(this.#passcode !== undefined && { passcode: this.#passcode }),
          ...(this.#entered && { again: true }),
        },
      }),
      host: this.#look.picture,
      rendition: 'full',
      onStatus: (status) => this.#told(status),
    })
  }

  #again(): void {
    this.#end()
    this.#run()
  }

  #leave(): void {
    this.#end()
    this.#draw()
  }

  #end(): void {
    clearTimeout(this.#unseen)
    this.#player?.close()
    this.#player = undefined
    this.#status = undefined
    this.#isReady = false
  }

  #told(status: PlayerStatus): void {
    const before = this.#status
    this.#status = status
    if (status.share) this.#entered = true
    const showing = status.state === 'live' || status.state === 'behind'
    if (showing && !this.#isReady) {
      this.#isReady = true
      this.#tell('ready', { name: status.name ?? '' })
    }
    if (status.state !== before?.state && (showing || status.state === 'offline'))
      this.#tell(status.state as 'live' | 'behind' | 'offline', null)
    const gap = status.gaps - (before?.gaps ?? 0)
    if (gap > 0) this.#tell('gap', { frames: gap })
    if (status.error && status.error.code !== before?.error?.code)
      this.#tell('error', { code: status.error.code, message: status.error.message || ERRORS[status.error.code].title })
    this.#hear()
    this.#draw()
  }

  #touch(): void {
    this.#touched = true
    this.#hear()
  }

  get #isSilent(): boolean {
    return this.muted || !this.#touched
  }

  /** Sound begins with a touch: browsers allow it no earlier, and nobody likes a page that shouts. */
  #hear(): void {
    const sounds = !this.#isSilent && !this.paused && (this.#status?.hasAudio ?? false)
    if (sounds === this.#sounds) return
    this.#sounds = sounds
    this.#player?.setAudio(sounds)
  }

  #draw(): void {
    const source = this.#source()
    this.#look.draw({
      status: this.#status,
      paused: this.paused,
      muted: this.#isSilent,
      controls: this.controls,
      poster: this.poster || (this.autoplay ? undefined : this.#posterOf(source?.poster)),
      unfit: source === undefined,
      isFull: this.matches(':fullscreen'),
    })
  }

  #posterOf(poster: string | undefined): string | undefined {
    const camera = this.getAttribute('camera')
    return poster && camera ? `${poster}?camera=${encodeURIComponent(camera)}` : poster
  }

  #source() {
    return sourceOf({ share: this.getAttribute('share'), src: this.getAttribute('src') }, home, document.baseURI)
  }

  async #save(): Promise<void> {
    const blob = await this.snapshot().catch(() => undefined)
    if (blob) download(blob, pictureFile(this.#status?.name ?? ''))
  }

  #tell<N extends keyof PortholeEvents>(name: N, detail: PortholeEvents[N]): void {
    this.dispatchEvent(new CustomEvent(name, { detail }))
  }
}

/** Makes the element known to the page; once, also where two copies of the script are loaded. */
export function define(): void {
  if (!customElements.get('porthole-view')) customElements.define('porthole-view', PortholeView)
}
