import { type Canvas, createCanvas, type SKRSContext2D } from '@napi-rs/canvas'

/** What the parts of the scene share: layers, colours, repeatable randomness. */
export type Context = SKRSContext2D
export type Rgb = readonly [red: number, green: number, blue: number]

export const WIDTH = 640
export const HEIGHT = 360
export const TURN = Math.PI * 2

/** A canvas of its own, painted once. */
export function layer(width: number, height: number, paint: (ctx: Context) => void): Canvas {
  const canvas = createCanvas(width, height)
  paint(canvas.getContext('2d'))
  return canvas
}

/** Numbers in [0, 1) that are the same at every start: the plant always looks alike (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))
export const lerp = (from: number, to: number, part: number): number => from + (to - from) * part
/** 0 before `from`, 1 after `to`, smooth between them. */
export function smoothstep(from: number, to: number, value: number): number {
  const part = clamp((value - from) / (to - from), 0, 1)
  return part * part * (3 - 2 * part)
}

export const mix = (from: Rgb, to: Rgb, part: number): Rgb => [
  lerp(from[0], to[0], part),
  lerp(from[1], to[1], part),
  lerp(from[2], to[2], part),
]
export const css = (color: Rgb, alpha = 1): string =>
  `rgba(${Math.round(color[0])}, ${Math.round(color[1])}, ${Math.round(color[2])}, ${alpha})`

/**
 * A soft spot of light or shadow that fades to nothing, with a core of full strength. Painted in the size in which it is
 * drawn: an image that is scaled, or stands between two pixels, takes twenty times as long to draw.
 */
export function spot(width: number, height: number, color: Rgb, core = 0): Canvas {
  const radius = 64
  return layer(width, height, (ctx) => {
    const fade = ctx.createRadialGradient(radius, radius, core * radius, radius, radius, radius)
    for (let step = 0; step <= 8; step++) fade.addColorStop(step / 8, css(color, (1 - smoothstep(0, 1, step / 8)) ** 1.3))
    ctx.scale(width / (radius * 2), height / (radius * 2))
    ctx.fillStyle = fade
    ctx.fillRect(0, 0, radius * 2, radius * 2)
  })
}

export function ellipse(ctx: Context, x: number, y: number, radiusX: number, radiusY: number, turn = 0): void {
  ctx.beginPath()
  ctx.ellipse(x, y, radiusX, radiusY, turn, 0, TURN)
}
