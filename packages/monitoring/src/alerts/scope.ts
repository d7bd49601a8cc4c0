/** Series of the namespaces in which Bulkhead runs, or ran within a day. A Prometheus may also scrape other systems. */
export const IN_INSTALLATION = 'on (namespace) bulkhead:installation:info'

/** The rule that finds these namespaces. It looks back a day, so that an alert still fires when every target is gone. */
export const installationRule = {
  record: 'bulkhead:installation:info',
  expr: 'group by (namespace) (last_over_time(bulkhead_build_info[1d]))'
}

/** A matcher for one of these values, such as `service=~"cart|orders"`. */
export const oneOf = (label: string, values: string[]) => `${label}=~"${values.join('|')}"`
