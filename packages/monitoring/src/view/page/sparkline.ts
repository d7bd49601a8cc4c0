import { makeSvg, within } from './elements.ts'

const WIDTH = 120
const HEIGHT = 28

/** Makes an empty sparkline. */
export const makeSparkline = (): SVGElement =>
  makeSvg(
    'svg',
    { class: 'sparkline', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    makeSvg('path')
  )

/** Draws values from the left to the right, from 0 at the bottom to the highest at the top. Missing values leave a gap. */
export function drawSparkline(sparkline: Element, values: (number | null)[]) {
  const highest = Math.max(...values.map(value => value ?? 0), Number.MIN_VALUE)
  const step = WIDTH / Math.max(1, values.length - 1)
  let isPenUp = true
  const commands = values.map((value, place) => {
    const command =
      value === null ? '' : `${isPenUp ? 'M' : 'L'}${(place * step).toFixed(1)} ${heightOf(value / highest)}`
    isPenUp = value === null
    return command
  })
  within(sparkline, 'path').setAttribute('d', commands.join(''))
}

const heightOf = (share: number) => (HEIGHT - 2 - share * (HEIGHT - 4)).toFixed(1)
