import { stageTexts } from '../state/stage-texts.ts'
import { useNow } from '../ui/hooks.ts'
import './test-pattern.css'

/** 75 % colour bars, in the order of their brightness (ITU-R BT.471). */
const BARS = ['#bfbfbf', '#bfbf00', '#00bfbf', '#00bf00', '#bf00bf', '#bf0000', '#0000bf']
const [WIDTH, HEIGHT] = [1600, 900]
const STEPS = Array.from({ length: 11 }, (_, i) => Math.round((i / 10) * 255))

/** What a projector is set up by before the first camera: sharpness, colours, its edges, and that it moves. */
export function TestPattern() {
  const now = new Date(useNow(1000))
  const seconds = now.getSeconds()
  return (
    <section className="test-pattern" role="img" aria-label={`${stageTexts.pattern}. ${stageTexts.patternText}`}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="xMidYMid slice" aria-hidden="true">
        <defs>
          <pattern id="grid" width="100" height="100" patternUnits="userSpaceOnUse">
            <path d="M100 0H0V100" fill="none" stroke="#37474d" strokeWidth="2" />
          </pattern>
        </defs>
        <rect width={WIDTH} height={HEIGHT} fill="#12191c" />
        <rect width={WIDTH} height={HEIGHT} fill="url(#grid)" />
        <rect x="6" y="6" width={WIDTH - 12} height={HEIGHT - 12} fill="none" stroke="#dfe9ea" strokeWidth="4" strokeDasharray="50 50" />
        {BARS.map((colour, i) => (
          <rect key={colour} x={300 + i * (1000 / 7)} y="200" width={1000 / 7 + 0.5} height="300" fill={colour} />
        ))}
        {STEPS.map((step, i) => (
          <rect key={step} x={300 + i * (1000 / 11)} y="500" width={1000 / 11 + 0.5} height="100" fill={`rgb(${step} ${step} ${step})`} />
        ))}
        <circle cx="800" cy="450" r="392" fill="none" stroke="#eef5f5" strokeWidth="5" />
        {[
          [150, 150],
          [1450, 150],
          [150, 750],
          [1450, 750],
        ].map(([x, y]) => (
          <circle key={`${x} ${y}`} cx={x} cy={y} r="90" fill="none" stroke="#9db1b6" strokeWidth="3" />
        ))}
        <rect x="530" y="600" width="540" height="150" fill="#05090b" />
        <text className="pattern-text" x="800" y="662">
          {stageTexts.patternText}
        </text>
        <text className="pattern-clock" x="800" y="728">
          {now.toLocaleTimeString()}
        </text>
        <circle cx="800" cy="130" r="52" fill="#05090b" stroke="#eef5f5" strokeWidth="4" />
        <g className="pattern-hand" style={{ transform: `rotate(${seconds * 6}deg)` }}>
          <path d="M800 130V86" stroke="#efc573" strokeWidth="6" strokeLinecap="round" />
        </g>
        <rect className="pattern-sweep" x="300" y="592" width="16" height="16" fill="#efc573" />
      </svg>
    </section>
  )
}
