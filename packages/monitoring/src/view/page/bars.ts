import { formatValue } from '../format.ts'
import type { KeyPanel } from '../key-panels.ts'
import { latestOf } from '../latest.ts'
import { noteOf } from '../note.ts'
import type { ViewData } from '../view-data.ts'
import { make, setText, showChildren, within } from './elements.ts'

/** A live list of values, with bars if the panel has them. */
export type Bars = { show: (data: ViewData | undefined, problem: string | undefined) => void }

/** From which share of a limit a bar is marked. */
const NEARLY_FULL = 0.8

export function barsIn(section: HTMLElement, key: KeyPanel): Bars {
  const { unit, max, kind } = key.panel
  const list = within(section, '.values')
  const note = within(section, '.note')
  return {
    show(data, problem) {
      const text = noteOf(key, data, problem)
      const series = text === undefined ? (data?.panels[key.id]?.series ?? []) : []
      const values = series.map(one => ({ name: one.name, value: latestOf(one) ?? 0 }))
      const highest = max ?? Math.max(...values.map(({ value }) => value), Number.MIN_VALUE)
      setText(note, text ?? '')
      showChildren(
        list,
        values.toSorted((one, other) => other.value - one.value),
        {
          keyOf: ({ name }) => name,
          create: ({ name }) =>
            make(
              'li',
              {},
              make('span', { class: 'name' }, name),
              ...(kind === 'bars' ? [make('progress', { 'aria-hidden': 'true', max: '1' })] : []),
              make('b')
            ),
          update(item, { name, value }) {
            setText(within(item, 'b'), formatValue(unit === 'short' ? Math.round(value) : value, unit, name))
            item.classList.toggle('nearly-full', max !== undefined && value / max >= NEARLY_FULL)
            if (kind === 'bars') within(item, 'progress').setAttribute('value', String(value / highest))
          }
        }
      )
    }
  }
}
