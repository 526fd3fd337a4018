import { drawAzalea, petal } from './scene/azalea.ts'
import { drawDigits, drawHands } from './scene/clock.ts'
import { type Light, lightAt, opposite } from './scene/light.ts'
import { drawMouse } from './scene/mouse.ts'
import { type Context, css, HEIGHT, lerp, type Rgb, randomFrom, smoothstep, spot, WIDTH } from './scene/paint.ts'
import { POT, pot, reflections, room, SILL } from './scene/room.ts'
import { drawSky, GLASS } from './scene/sky.ts'

/**
 * The demo camera's picture: a potted azalea on the sill of a porthole, with the sun on its way over the sea.
 * A pure function of time: the parts that stand still are painted when this module is loaded.
 */
export { HEIGHT, WIDTH } from './scene/paint.ts'

const SHADE: Rgb = [34, 16, 8]
const cast = spot(190, 38, SHADE)
const contact = spot(124, 22, SHADE)
const sunlight = spot(300, 54, [255, 214, 140], 0.25)

/** Draws the picture of `timeMs` (milliseconds since the Unix epoch) over the whole of a 640×360 context. */
export function drawScene(ctx: Context, timeMs: number): void {
  const light = lightAt(timeMs)
  drawSky(ctx, timeMs, light)
  ctx.drawImage(reflections, GLASS.x - GLASS.radius, GLASS.y - GLASS.radius)
  ctx.drawImage(room, 0, 0)
  drawHands(ctx, timeMs)
  drawSunlight(ctx, light)
  drawShade(ctx, light)
  ctx.drawImage(pot, POT.x - POT.left, POT.base - POT.up)
  drawAzalea(ctx, timeMs)
  drawPetals(ctx, timeMs)
  drawMouse(ctx, timeMs)
  ctx.globalCompositeOperation = 'multiply'
  ctx.fillStyle = css(light.room)
  ctx.fillRect(0, 0, WIDTH, HEIGHT)
  ctx.globalCompositeOperation = 'source-over'
  drawDigits(ctx, timeMs)
}

/** The sun's patch on the sill, on the other side of the porthole than the sun. */
function drawSunlight(ctx: Context, light: Light): void {
  const strength = smoothstep(0, 0.35, light.height)
  if (strength === 0) return
  const x = Math.round(opposite(light, 150, 560))
  ctx.globalCompositeOperation = 'lighter'
  ctx.globalAlpha = 0.42 * strength
  ctx.drawImage(sunlight, x - 150, SILL.back + 3)
  ctx.globalCompositeOperation = 'source-over'
  ctx.globalAlpha = 1
}

/** The pot's shadow, against the sun, and the dark line where it stands. */
function drawShade(ctx: Context, light: Light): void {
  const x = Math.round(opposite(light, POT.x - 60, POT.x + 60))
  ctx.globalAlpha = lerp(0.35, 0.75, smoothstep(-0.1, 0.4, light.height))
  ctx.drawImage(cast, x - 95, POT.base - 18)
  ctx.globalAlpha = 0.8
  ctx.drawImage(contact, POT.x - 62, POT.base - 11)
  ctx.globalAlpha = 1
}

/** Petals that lie on the sill, and one that falls now and then. */
const FALL_EVERY_MS = 11_000
const FALL_MS = 3600
const LYING = [
  [128, 312, 0.4],
  [272, 306, 2.1],
  [300, 315, 4.4],
] as const

function drawPetals(ctx: Context, timeMs: number): void {
  for (const [x, y, turn] of LYING) drawPetal(ctx, x, y, turn, 0.45)
  const fall = Math.floor(timeMs / FALL_EVERY_MS)
  const random = randomFrom(fall + 9)
  const part = (timeMs - fall * FALL_EVERY_MS) / FALL_MS
  if (part > 1.6) return
  const down = Math.min(part, 1)
  const x = lerp(130, 280, random()) + Math.sin(down * 9 + random() * 6) * 14 + down * 16
  const y = lerp(200, 303 + random() * 12, down * down * 0.4 + down * 0.6)
  ctx.globalAlpha = 1 - smoothstep(1.3, 1.6, part)
  drawPetal(ctx, x, y, down * 7, down < 1 ? 0.55 + 0.4 * Math.abs(Math.sin(down * 11)) : 0.45)
  ctx.globalAlpha = 1
}

function drawPetal(ctx: Context, x: number, y: number, turn: number, flat: number): void {
  ctx.save()
  ctx.translate(x, y)
  ctx.scale(0.7, 0.7 * flat)
  ctx.rotate(turn)
  ctx.drawImage(petal, -10, -10)
  ctx.restore()
}
