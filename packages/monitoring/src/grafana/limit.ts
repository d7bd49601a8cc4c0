import {
  MappingType,
  type ThresholdsConfig,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMap
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { Limit } from '../panels/panel.ts'

type Step = { value: number | null; color: string }

/** Returns the colours of a figure: green, then yellow and red from its limit on. */
export function thresholds(limit: Limit): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(stepsOf(limit))
}

function stepsOf({ warning, bad, isBadBelow }: Limit): ThresholdsConfig['steps'] {
  if (!isBadBelow) return [step(null, 'green'), ...optional(warning, 'yellow'), step(bad, 'red')]
  return warning === undefined
    ? [step(null, 'red'), step(bad, 'green')]
    : [step(null, 'red'), step(bad, 'yellow'), step(warning, 'green')]
}

/** Returns the texts of the states 0 and 1. */
export function stateTexts({ isBadBelow = false }: Limit): ValueMap {
  const [bad, good] = isBadBelow ? ['0', '1'] : ['1', '0']
  const options = { [bad]: { text: 'bad', color: 'red', index: 0 }, [good]: { text: 'good', color: 'green', index: 1 } }
  return { type: MappingType.ValueToText, options }
}

const step = (value: number | null, color: string): Step => ({ value, color })
const optional = (value: number | undefined, color: string) => (value === undefined ? [] : [step(value, color)])
