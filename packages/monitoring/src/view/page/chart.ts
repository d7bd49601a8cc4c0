import uPlot from 'uplot'
import { formatValue } from '../format.ts'
import type { KeyPanel } from '../key-panels.ts'
import { headlineOf, linesOf } from '../latest.ts'
import { noteOf } from '../note.ts'
import type { Series, ViewData } from '../view-data.ts'
import { make, makeSvg, setText, showChildren, within } from './elements.ts'

/** A live chart in a section of the page. */
export type Chart = {
  show: (data: ViewData | undefined, problem: string | undefined) => void
  /** Draws it again with the colours of the current scheme. */
  redraw: () => void
}

/** The most lines that people can tell apart. */
const MAX_LINES = 4
/** Dashes, so that lines can be told apart without colours. */
const DASHES = [[], [8, 4], [2, 3], [12, 3, 2, 3]]
const AXIS_WIDTH = 62
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

export function chartIn(section: HTMLElement, key: KeyPanel): Chart {
  const { unit } = key.panel
  const plot = within(section, '.plot')
  const note = within(section, '.note')
  const headline = within(section, '.headline')
  const legend = within(section, '.legend')
  let drawn: uPlot | undefined
  let names = ''
  let shown: { times: number[]; series: Series[]; more: number } = { times: [], series: [], more: 0 }

  function draw() {
    const data = [shown.times, ...shown.series.map(({ values }) => values)] as uPlot.AlignedData
    const newNames = shown.series.map(({ name }) => name).join('\n')
    if (drawn && newNames === names) drawn.setData(data)
    else {
      drawn?.destroy()
      names = newNames
      drawn = new uPlot(optionsOf(shown.series, plot, unit, showLegend), data, plot)
    }
    showLegend()
  }

  /** Shows the values at a place of the chart, or the latest ones. */
  function showLegend(place: number | null | undefined = undefined) {
    const at = place ?? shown.times.length - 1
    const items = shown.series.map(({ name, values }, line) => ({ name, line, value: formatValue(values[at], unit) }))
    showChildren(legend, items, {
      keyOf: ({ name, line }) => `${line} ${name}`,
      create: ({ name, line }) =>
        make('li', {}, swatch(line), make('span', { class: 'name', title: name }, name), make('b')),
      update: (item, { value }) => setText(within(item, 'b'), value)
    })
    if (shown.more > 0) legend.append(make('li', { class: 'more' }, `and ${shown.more} more`))
  }

  const resize = new ResizeObserver(() => drawn?.setSize({ width: plot.clientWidth, height: plot.clientHeight }))
  resize.observe(plot)

  return {
    show(data, problem) {
      const text = noteOf(key, data, problem)
      const panel = data?.panels[key.id]
      section.classList.toggle('without-data', text !== undefined)
      setText(note, text ?? '')
      setText(headline, formatValue(panel ? headlineOf(key, panel) : null, unit))
      const lines = linesOf(text === undefined && panel ? panel.series : [], MAX_LINES)
      shown = { times: data?.times ?? [], series: lines.shown, more: lines.more }
      draw()
    },
    redraw() {
      names = '\n'
      draw()
    }
  }
}

function optionsOf(
  series: Series[],
  plot: HTMLElement,
  unit: KeyPanel['panel']['unit'],
  moved: (place: number | null | undefined) => void
): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const axis = { stroke: colour('--faint'), font: `13px ${style.fontFamily}`, ticks: { show: false } }
  const grid = { stroke: colour('--grid'), width: 1 }
  return {
    width: plot.clientWidth,
    height: plot.clientHeight,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, sync: { key: 'view' }, points: { size: 8 } },
    hooks: { setCursor: [chart => moved(chart.cursor.idx)] },
    scales: { x: { time: true }, y: { range: (_chart, _min, max) => [0, max > 0 ? max * 1.08 : 1] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 70,
        size: 24,
        values: (_chart, times) => times.map(time => clock.format(time * 1_000))
      },
      {
        ...axis,
        grid,
        space: 26,
        size: AXIS_WIDTH,
        values: (_chart, values) => values.map(value => formatValue(value, unit))
      }
    ],
    series: [
      {},
      ...series.map(({ name }, line) => ({
        label: name,
        stroke: colour(`--line-${line + 1}`),
        width: 2.5,
        dash: DASHES[line]!,
        points: { show: false }
      }))
    ]
  }
}

/** A piece of a line in the colour and the dash of a series. */
const swatch = (line: number) =>
  makeSvg(
    'svg',
    { viewBox: '0 0 28 6', class: `swatch line-${line + 1}`, 'aria-hidden': 'true' },
    makeSvg('path', { d: 'M0 3h28', 'stroke-dasharray': DASHES[line]!.join(' ') || 'none' })
  )
