/**
 * What the library writes although Grafana assumes it anyway. The placement hides links in a menu, where nobody finds them: without it, they
 * are at the top.
 */
const DEFAULTS: Record<string, unknown[]> = {
  asDropdown: [false],
  builtIn: [0],
  calcs: [[]],
  cellHeight: ['sm'],
  colorMode: ['value'],
  fiscalYearStartMonth: [0],
  footer: [{ show: false, reducer: [], countRows: false }],
  frameIndex: [0],
  hide: [false],
  icon: [''],
  includeVars: [false],
  instant: [false],
  justifyMode: ['auto'],
  keepTime: [false],
  maxVizHeight: [300],
  mergeValues: [true],
  minVizHeight: [16],
  minVizWidth: [8],
  orientation: ['auto'],
  percentChangeColorMode: ['standard'],
  perPage: [20],
  placement: ['inControlsMenu'],
  preload: [false],
  repeatDirection: ['h'],
  showHeader: [true],
  showPercentChange: [false],
  showTypeIcons: [false],
  sizing: ['auto'],
  tags: [[]],
  targetBlank: [false],
  textMode: ['auto'],
  tooltip: [''],
  transparent: [false],
  wideLayout: [true]
}

/** Returns a model without the values that Grafana assumes anyway, which are a third of a dashboard. */
export function withoutDefaults<Model>(model: Model): Model {
  return JSON.parse(JSON.stringify(model), function (key, value) {
    const isDefault = DEFAULTS[key]?.some(usual => JSON.stringify(usual) === JSON.stringify(value))
    return isDefault && !Array.isArray(this) ? undefined : value
  })
}
