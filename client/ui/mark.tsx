import './mark.css'

/** The mark: a porthole. Its parts take their colours from the theme (base.css), so it is day or night in it. */

const RIVETS = Array.from({ length: 8 }, (_, i) => {
  const angle = (i / 8) * 2 * Math.PI + Math.PI / 8
  return { x: 32 + 26.4 * Math.cos(angle), y: 32 + 26.4 * Math.sin(angle) }
})

/** Small, for headers. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 64 64" aria-hidden="true">
      <circle className="porthole-ring" cx="32" cy="32" r="31" />
      <circle className="porthole-rim" cx="32" cy="32" r="22.5" />
      <circle className="porthole-sky" cx="32" cy="32" r="20" />
      <path
        className="porthole-near"
        d="M12.4 36.2c5-3.4 9.800-3.400 14.800 0s9.800 3.400 14.800 0c3.200-2.200 6.300-3 9.600-2.300A20 20 0 0 1 12.400 36.200Z"
      />
      {RIVETS.map(({ x, y }) => (
        <circle key={`${x}`} className="porthole-rivet" cx={x} cy={y} r="2.3" />
      ))}
    </svg>
  )
}

/** Large, with the sea moving behind the glass. */
export function Scene() {
  return (
    <svg className="scene" viewBox="0 0 200 200" aria-hidden="true">
      <defs>
        <clipPath id="glass">
          <circle cx="100" cy="100" r="66" />
        </clipPath>
        <linearGradient id="metal" x1="0" y1="0" x2="1" y2="1">
          <stop offset="0" className="metal-light" />
          <stop offset=".45" className="metal-mid" />
          <stop offset=".7" className="metal-dark" />
          <stop offset="1" className="metal-mid" />
        </linearGradient>
        <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" className="sky-high" />
          <stop offset="1" className="sky-low" />
        </linearGradient>
      </defs>
      <circle cx="100" cy="100" r="97" fill="url(#metal)" />
      <circle cx="100" cy="100" r="95.500" className="scene-edge" />
      <g clipPath="url(#glass)">
        <rect x="30" y="30" width="140" height="140" fill="url(#sky)" />
        <circle className="scene-sun" cx="128" cy="78" r="13" />
        <path className="scene-far" d={wave(108, 5)} />
        <path className="scene-mid" d={wave(120, 6)} />
        <path className="scene-glint" d="M117 113h22M112 121h28M119 129h15" />
        <path className="scene-near" d={wave(136, 7)} />
      </g>
      <circle cx="100" cy="100" r="69" className="scene-rim" />
      <path className="scene-shine" d="M52 84a52 52 0 0 1 34-36" />
      {Array.from({ length: 8 }, (_, i) => {
        const angle = (i / 8) * 2 * Math.PI + Math.PI / 8
        const [x, y] = [100 + 83 * Math.cos(angle), 100 + 83 * Math.sin(angle)]
        return (
          <g key={`${x}`}>
            <circle className="scene-rivet-shade" cx={x + 0.8} cy={y + 1} r="5.400" />
            <circle className="scene-rivet" cx={x} cy={y} r="4.800" />
          </g>
        )
      })}
    </svg>
  )
}

/** A swell that repeats every 80 units, wide enough to move by one of them. */
function wave(y: number, height: number): string {
  const swells = Array.from({ length: 4 }, () => `q20 ${-height} 40 0t40 0`).join('')
  return `M-60 ${y}${swells}V200H-60Z`
}
