import type { Canvas } from '@napi-rs/canvas'
import type { Light } from './light.ts'
import { type Context, clamp, css, ellipse, layer, lerp, mix, type Rgb, randomFrom, smoothstep, spot, TURN } from './paint.ts'

/** What the porthole shows: sky, sun, clouds, a boat and the sea. Drawn square; the wall hides the corners. */
export const GLASS = { x: 388, y: 134, radius: 100 } as const
const LEFT = GLASS.x - GLASS.radius
const RIGHT = GLASS.x + GLASS.radius
const TOP = GLASS.y - GLASS.radius
const BOTTOM = GLASS.y + GLASS.radius
const HORIZON = GLASS.y + 36
const WHITE: Rgb = [255, 255, 255]

const glow = spot(180, 180, [255, 250, 228], 0.09)
const stars = layer(GLASS.radius * 2, HORIZON - TOP, (ctx) => {
  const random = randomFrom(7)
  for (let count = 0; count < 60; count++) {
    ctx.fillStyle = `rgba(255, 255, 255, ${0.35 + 0.65 * random()})`
    ellipse(ctx, random() * GLASS.radius * 2, random() * (HORIZON - TOP - 12), 0.4 + 0.7 * random() ** 3, 0.4 + 0.7 * random() ** 3)
    ctx.fill()
  }
})

const moon = layer(32, 32, (ctx) => {
  ctx.fillStyle = '#fff6d8'
  ellipse(ctx, 16, 16, 12, 12)
  ctx.fill()
  ctx.globalCompositeOperation = 'destination-out'
  ellipse(ctx, 11, 13, 10.5, 10.5)
  ctx.fill()
})

/** A fair-weather cloud: heaped in the middle, flat below. */
function cloud(seed: number, width: number, height: number): Canvas {
  return layer(width, height, (ctx) => {
    const random = randomFrom(seed)
    const puff = spot(64, 64, WHITE, 0.2)
    for (let count = 0; count < 14; count++) {
      const along = (count + random()) / 14
      const size = height * (0.5 + 0.75 * Math.sin(Math.PI * along) * (0.6 + 0.4 * random()))
      ctx.drawImage(
        puff,
        size * 0.4 + along * (width - size * 0.8) - size / 2,
        height - 4 - size * (0.62 + 0.2 * random()),
        size,
        size * 0.8,
      )
    }
    ctx.globalCompositeOperation = 'destination-out'
    const flat = ctx.createLinearGradient(0, height * 0.62, 0, height - 2)
    flat.addColorStop(0, 'rgba(0, 0, 0, 0)')
    flat.addColorStop(1, 'rgba(0, 0, 0, 1)')
    ctx.fillStyle = flat
    ctx.fillRect(0, height * 0.62, width, height)
  })
}

const CLOUDS = [
  { image: cloud(11, 120, 44), y: TOP + 34, period: 96_000, phase: 0.2 },
  { image: cloud(29, 84, 30), y: TOP + 72, period: 140_000, phase: 0.62 },
  { image: cloud(43, 66, 24), y: TOP + 16, period: 120_000, phase: 0.9 },
] as const

/** Glints of the sun's path on the water: place (0..1 from horizon to shore), side, own rhythm. */
const GLINTS = (() => {
  const random = randomFrom(5)
  return Array.from({ length: 34 }, () => ({
    depth: random() ** 0.8,
    side: random() - 0.5,
    phase: random() * TURN,
    pace: 300 + 500 * random(),
  }))
})()

export function drawSky(ctx: Context, timeMs: number, light: Light): void {
  const sky = ctx.createLinearGradient(0, TOP, 0, HORIZON)
  sky.addColorStop(0, css(light.skyTop))
  sky.addColorStop(1, css(light.skyLow))
  ctx.fillStyle = sky
  ctx.fillRect(LEFT, TOP, GLASS.radius * 2, HORIZON - TOP)

  const dark = smoothstep(0.1, -0.25, light.height)
  if (dark > 0) {
    ctx.globalAlpha = dark
    ctx.drawImage(stars, LEFT, TOP)
    ctx.drawImage(moon, RIGHT - 76, TOP + 30)
    ctx.globalAlpha = 1
  }

  const sunX = lerp(LEFT + 44, RIGHT - 20, light.day)
  const sunY = HORIZON + 14 - light.height * 116
  if (light.height > -0.35) drawSun(ctx, sunX, sunY, light)

  const lit = mix(light.skyLow, WHITE, 0.35 + 0.5 * clamp(light.height, 0, 1))
  for (const { image, y, period, phase } of CLOUDS) {
    const part = (timeMs / period + phase) % 1
    ctx.globalAlpha = lerp(0.14, 0.92, smoothstep(-0.25, 0.5, light.height))
    ctx.drawImage(image, Math.round(LEFT - image.width + part * (GLASS.radius * 2 + image.width)), y)
  }
  ctx.globalAlpha = 1

  drawSea(ctx, timeMs, light, sunX)
  drawBoat(ctx, timeMs, light, lit)
}

function drawSun(ctx: Context, x: number, y: number, light: Light): void {
  ctx.globalAlpha = 0.75 * smoothstep(-0.3, 0.2, light.height)
  ctx.drawImage(glow, Math.round(x) - 90, Math.round(y) - 90)
  ctx.globalAlpha = 1
  ctx.fillStyle = css(light.sun)
  ellipse(ctx, x, y, 13, 13)
  ctx.fill()
}

function drawSea(ctx: Context, timeMs: number, light: Light, sunX: number): void {
  const depth = BOTTOM - HORIZON
  const sea = ctx.createLinearGradient(0, HORIZON, 0, BOTTOM)
  sea.addColorStop(0, css(light.seaFar))
  sea.addColorStop(0.25, css(mix(light.seaFar, light.seaNear, 0.6)))
  sea.addColorStop(1, css(light.seaNear))
  ctx.fillStyle = sea
  ctx.fillRect(LEFT, HORIZON, GLASS.radius * 2, depth)

  ctx.strokeStyle = css(mix(light.seaFar, WHITE, 0.5), 0.35)
  ctx.lineWidth = 1
  for (let row = 0; row < 5; row++) {
    const y = HORIZON + 6 + row * row * 2.6
    const length = 16 + row * 9
    const shift = Math.sin(timeMs / 2600 + row * 1.7) * (4 + row * 2)
    ctx.beginPath()
    for (let x = LEFT - length + ((row * 37) % 29) + shift; x < RIGHT; x += length * 1.9) {
      ctx.moveTo(x, y)
      ctx.quadraticCurveTo(x + length / 2, y - 2 - row * 0.4, x + length, y)
    }
    ctx.stroke()
  }

  const shine = smoothstep(-0.15, 0.15, light.height)
  if (shine <= 0) return
  ctx.fillStyle = css(mix(light.sun, WHITE, 0.4))
  for (const { depth: part, side, phase, pace } of GLINTS) {
    const bright = Math.sin(timeMs / pace + phase)
    if (bright < -0.2) continue
    ctx.globalAlpha = shine * (0.15 + 0.5 * Math.max(0, bright))
    ellipse(ctx, sunX + side * (14 + part * 54), HORIZON + 2 + part * depth, 2 + part * 6, 0.6 + part * 1.1)
    ctx.fill()
  }
  ctx.globalAlpha = 1
}

function drawBoat(ctx: Context, timeMs: number, light: Light, lit: Rgb): void {
  const part = (timeMs / 110_000 + 0.35) % 1
  const x = lerp(RIGHT + 20, LEFT - 20, part)
  const y = HORIZON + 5 + Math.sin(timeMs / 1300) * 0.7
  ctx.save()
  ctx.translate(x, y)
  ctx.rotate(Math.sin(timeMs / 1700) * 0.05)
  ctx.fillStyle = css(lit)
  ctx.beginPath()
  ctx.moveTo(1, -25)
  ctx.quadraticCurveTo(-12, -14, -11, -4)
  ctx.lineTo(1, -4)
  ctx.moveTo(3, -21)
  ctx.quadraticCurveTo(9, -12, 12, -4)
  ctx.lineTo(3, -4)
  ctx.fill()
  ctx.fillStyle = css(mix([196, 62, 58], light.seaNear, 0.2))
  ctx.beginPath()
  ctx.moveTo(-14, -3)
  ctx.lineTo(15, -3)
  ctx.quadraticCurveTo(12, 4, 8, 4)
  ctx.lineTo(-8, 4)
  ctx.quadraticCurveTo(-13, 2, -14, -3)
  ctx.fill()
  ctx.restore()
}
