import { installTexts } from './install-texts.ts'
import { texts } from './texts.ts'
import { ageText } from './view-texts.ts'

const { units, platforms } = texts

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Numbers and times as users read them; `locale` is the browser's unless a test says one. */

/** `38 ms`, `1.4 s`, `12 s`. */
export const age = ageText

/** `640 kbit/s`, `2.4 Mbit/s`. */
export const bitRate = (kbps: number): string =>
  kbps < 1000 ? units.kilobits(`${Math.round(kbps)}`) : units.megabits((kbps / 1000).toFixed(1))

export const frameRate = (fps: number): string => units.frames(`${Math.round(fps)}`)

/** The family that a WebCodecs codec string belongs to. */
export function codecName(codec: string): string {
  const names: Record<string, string> = {
    avc1: 'H.264',
    avc3: 'H.264',
    hvc1: 'H.265',
    hev1: 'H.265',
    vp8: 'VP8',
    vp09: 'VP9',
    av01: 'AV1',
    jpeg: 'JPEG',
  }
  return names[codec.split('.')[0] as string] ?? codec
}

/** `14:03` today, with the day when it was another one. */
export function clockTime(time: number, now: number, locale?: string): string {
  const sameDay = new Date(time).toDateString() === new Date(now).toDateString()
  return new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    ...(sameDay ? {} : { day: 'numeric', month: 'short' }),
  }).format(time)
}

/** `just now`, `5 minutes ago`, `yesterday`. */
export function ago(time: number, now: number, locale?: string): string {
  const span = Math.max(0, now - time)
  if (span < MINUTE_MS) return texts.justNow
  const words = new Intl.RelativeTimeFormat(locale ?? installTexts.language, { numeric: 'auto' })
  if (span < HOUR_MS) return words.format(-Math.floor(span / MINUTE_MS), 'minute')
  if (span < DAY_MS) return words.format(-Math.floor(span / HOUR_MS), 'hour')
  return words.format(-Math.floor(span / DAY_MS), 'day')
}

/** A name for the file of a picture: `front-door 2025-06-01 14.03.22.jpg`. */
export function snapshotName(camera: string, time: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
  return `${camera} ${day} ${two(time.getHours())}.${two(time.getMinutes())}.${two(time.getSeconds())}.jpg`
}

/** What this device is called in a camera's first name. */
export function platformName(userAgent: string): string | undefined {
  if (/iPhone/.test(userAgent)) return platforms.iphone
  if (/iPad/.test(userAgent)) return platforms.ipad
  if (/Android/.test(userAgent)) return /Mobile/.test(userAgent) ? platforms.phone : platforms.tablet
  if (/Macintosh/.test(userAgent)) return platforms.mac
  if (/Windows/.test(userAgent)) return platforms.windows
  if (/CrOS/.test(userAgent)) return platforms.chromebook
  return /Linux/.test(userAgent) ? platforms.linux : undefined
}
