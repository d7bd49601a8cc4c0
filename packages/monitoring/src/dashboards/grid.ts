import type { Panel } from '../panels/panel.ts'
import type { Row } from './dashboard.ts'

/** A place in Grafana's grid, in its units. */
export type Place = { x: number; y: number; w: number; h: number }

export type PlacedRow = { row: Row; place: Place; panels: { panel: Panel; place: Place }[] }

/** The columns of Grafana's grid. */
export const COLUMNS = 24
const HEADING_HEIGHT = 1
const NUMBER_HEIGHT = 4
const CHART_HEIGHT = 8
const NUMBERS_IN_LINE = 6
const CHARTS_IN_LINE = 3

/** Places rows below each other; the panels of a closed row take no space. In a row, up to six numbers or three charts share a line, and fill its width. */
export function placeRows(rows: Row[]): PlacedRow[] {
  let y = 0
  return rows.map(row => {
    const place = { x: 0, y, w: COLUMNS, h: HEADING_HEIGHT }
    y += HEADING_HEIGHT
    const panels = linesOf(row.panels).flatMap(line => {
      const h = heightOf(line[0]!)
      const column = (index: number) => Math.floor((index * COLUMNS) / line.length)
      const placed = line.map((panel, index) => {
        const x = column(index)
        return { panel, place: { x, y, w: column(index + 1) - x, h } }
      })
      y += h
      return placed
    })
    if (row.isCollapsed) y = place.y + HEADING_HEIGHT
    return { row, place, panels }
  })
}

/** Divides panels into lines of the same height. */
function linesOf(panels: Panel[]): Panel[][] {
  const lines: Panel[][] = []
  for (const panel of panels) {
    const last = lines.at(-1)
    if (last && heightOf(last[0]!) === heightOf(panel)) last.push(panel)
    else lines.push([panel])
  }
  return lines.flatMap(line => evenly(line, isNumber(line[0]!) ? NUMBERS_IN_LINE : CHARTS_IN_LINE))
}

/** Divides a list into as few parts as possible with at most `most` elements, of nearly the same length. */
function evenly<Element>(list: Element[], most: number): Element[][] {
  const parts = Math.ceil(list.length / most)
  return Array.from({ length: parts }, (_, index) =>
    list.slice(Math.ceil((index * list.length) / parts), Math.ceil(((index + 1) * list.length) / parts))
  )
}

const isNumber = ({ kind }: Panel) => kind === 'stat'
const heightOf = (panel: Panel) => (isNumber(panel) ? NUMBER_HEIGHT : CHART_HEIGHT)
