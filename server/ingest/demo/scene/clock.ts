import type { Canvas } from '@napi-rs/canvas'
import { type Context, layer, TURN } from './paint.ts'
import { CLOCK } from './room.ts'

/** The clocks: date and time to a tenth of a second in lit segments (no font is needed), and a dial with hands. */
const DIGIT = { width: 13, height: 20, stroke: 2.8, slant: 0.1 } as const
const PITCH = 16
const PLATE = { x: 300, y: 327, width: 328, height: 29 } as const

/** Segments as lines between the six corners of an eight. */
const SEGMENTS = {
  a: [0, 0, 1, 0],
  b: [1, 0, 1, 1],
  c: [1, 1, 1, 2],
  d: [0, 2, 1, 2],
  e: [0, 1, 0, 2],
  f: [0, 0, 0, 1],
  g: [0, 1, 1, 1],
} as const
const SHAPES: Readonly<Record<string, string>> = {
  '0': 'abcdef',
  '1': 'bc',
  '2': 'abged',
  '3': 'abgcd',
  '4': 'fgbc',
  '5': 'afgcd',
  '6': 'afgedc',
  '7': 'abc',
  '8': 'abcdefg',
  '9': 'gfabcd',
  '-': 'g',
}

const MARGIN = 7
/** Top of the digits on the plate. */
const DIGITS_TOP = 4

function glyph(char: string, color: string, halo: string): Canvas {
  return layer(DIGIT.width + 2 * MARGIN + 2, DIGIT.height + 2 * MARGIN, (ctx) => {
    ctx.setTransform(1, 0, -DIGIT.slant, 1, MARGIN + 2, MARGIN)
    ctx.lineCap = 'round'
    ctx.strokeStyle = color
    ctx.fillStyle = color
    ctx.shadowColor = halo
    ctx.shadowBlur = 6
    ctx.lineWidth = DIGIT.stroke
    const width = DIGIT.width - DIGIT.stroke
    const half = (DIGIT.height - DIGIT.stroke) / 2
    const inset = 1.5
    for (const name of SHAPES[char] ?? '') {
      const [x1, y1, x2, y2] = SEGMENTS[name as keyof typeof SEGMENTS]
      const along = x1 === x2 ? [0, inset] : [inset, 0]
      ctx.beginPath()
      ctx.moveTo(1.4 + x1 * width + (along[0] as number), 1.4 + y1 * half + (along[1] as number))
      ctx.lineTo(1.4 + x2 * width - (along[0] as number), 1.4 + y2 * half - (along[1] as number))
      ctx.stroke()
    }
    const dots = char === ':' ? [half * 0.55, half * 1.5] : char === '.' ? [half * 2] : []
    for (const y of dots) ctx.fillRect(2, y, 3.2, 3.2)
  })
}

const glyphs = (color: string, halo: string) => new Map([...'0123456789-:.'].map((char) => [char, glyph(char, color, halo)]))
const dateGlyphs = glyphs('#ffb45e', 'rgba(255, 140, 40, 0.8)')
const timeGlyphs = glyphs('#ffe9b0', 'rgba(255, 170, 60, 0.9)')

/** The dark glass plate let into the sill's front. */
const plate = layer(PLATE.width, PLATE.height, (ctx) => {
  ctx.fillStyle = 'rgba(255, 214, 150, 0.5)'
  ctx.beginPath()
  ctx.roundRect(0, 1, PLATE.width, PLATE.height - 1, 7)
  ctx.fill()
  const glass = ctx.createLinearGradient(0, 0, 0, PLATE.height)
  glass.addColorStop(0, '#0d0a0a')
  glass.addColorStop(1, '#2a1a12')
  ctx.fillStyle = glass
  ctx.beginPath()
  ctx.roundRect(1, 0.5, PLATE.width - 2, PLATE.height - 2, 6.5)
  ctx.fill()
})

const pad = (value: number, digits: number) => String(value).padStart(digits, '0')

/** Local date and time of the machine, `2026-11-21` and `09:52:13.4`. */
export function readings(timeMs: number): { readonly date: string; readonly time: string } {
  const now = new Date(timeMs)
  return {
    date: `${now.getFullYear()}-${pad(now.getMonth() + 1, 2)}-${pad(now.getDate(), 2)}`,
    time: `${pad(now.getHours(), 2)}:${pad(now.getMinutes(), 2)}:${pad(now.getSeconds(), 2)}.${Math.floor(now.getMilliseconds() / 100)}`,
  }
}

const advance = (char: string) => (char === ':' || char === '.' ? 8 : PITCH)
const widthOf = (text: string) => [...text].reduce((sum, char) => sum + advance(char), 0)

function write(ctx: Context, from: Map<string, Canvas>, text: string, x: number, y: number): void {
  let at = x
  for (const char of text) {
    const image = from.get(char)
    if (image) ctx.drawImage(image, at - MARGIN, y - MARGIN)
    at += advance(char)
  }
}

/** The plate as it reads for a second, but for the tenths. */
let shown = { second: -1, image: plate }

function plateAt(timeMs: number): Canvas {
  const second = Math.floor(timeMs / 1000)
  if (shown.second !== second) {
    const { date, time } = readings(timeMs)
    const image = layer(PLATE.width, PLATE.height, (ctx) => {
      ctx.drawImage(plate, 0, 0)
      write(ctx, dateGlyphs, date, 12, DIGITS_TOP)
      write(ctx, timeGlyphs, time.slice(0, -1), PLATE.width - 9 - widthOf(time), DIGITS_TOP)
    })
    shown = { second, image }
  }
  return shown.image
}

/** Drawn after the room's light: it shines by itself. */
export function drawDigits(ctx: Context, timeMs: number): void {
  ctx.drawImage(plateAt(timeMs), PLATE.x, PLATE.y)
  write(ctx, timeGlyphs, readings(timeMs).time.slice(-1), PLATE.x + PLATE.width - 9 - PITCH, PLATE.y + DIGITS_TOP)
}

export function drawHands(ctx: Context, timeMs: number): void {
  const now = new Date(timeMs)
  const seconds = now.getSeconds() + now.getMilliseconds() / 1000
  const minutes = now.getMinutes() + seconds / 60
  const hours = now.getHours() + minutes / 60
  ctx.lineCap = 'round'
  for (const [turn, length, width, color] of [
    [hours / 12, 0.5, 3, '#33261a'],
    [minutes / 60, 0.76, 2.2, '#33261a'],
    [seconds / 60, 0.82, 1.1, '#c8372d'],
  ] as const) {
    const x = Math.sin(turn * TURN) * CLOCK.radius
    const y = -Math.cos(turn * TURN) * CLOCK.radius
    ctx.strokeStyle = color
    ctx.lineWidth = width
    ctx.beginPath()
    ctx.moveTo(CLOCK.x - x * 0.16, CLOCK.y - y * 0.16)
    ctx.lineTo(CLOCK.x + x * length, CLOCK.y + y * length)
    ctx.stroke()
  }
  ctx.fillStyle = '#b98636'
  ctx.beginPath()
  ctx.arc(CLOCK.x, CLOCK.y, 2.6, 0, TURN)
  ctx.fill()
}
