const NAMES: Record<string, string> = { mongodb: 'MongoDB', redis: 'Redis', 'event-log': 'Event log' }

/** The name of a store for people, as at the start of a sentence. */
export const storeName = (store: string): string => NAMES[store] ?? store
