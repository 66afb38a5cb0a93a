/** The names of a service. */
export interface ServiceNames {
  /** In lower case, words joined by hyphens. */
  readonly name: string
  /** For people. */
  readonly title: string
}

const words = (name: string) => name.split('-')
const capitalised = (name: string) => words(name).map(word => word.charAt(0).toUpperCase() + word.slice(1))

/** The title of a name: its words, each with a capital. */
export const titleOf = (name: string): string => capitalised(name).join(' ')

/**
 * Matches the names of a service: the title as it is, and the name in any spelling (`a-b`, `a_b`, `A_B`, `A b`, `aB`, `AB`). Words
 * of prose and of code do not match a name of one word, which must be a whole word, not a part of a metric or of
 * `examples/WORD`; nor a title of one word, which must be alone in quotes, brackets or a heading, or before a colon.
 */
export function spellingsOf({ name, title }: ServiceNames): RegExp {
  const isOneWord = words(name).length === 1
  const spelling = isOneWord ? whole(`(?:${name}|${name.toUpperCase()})`) : `(?i:${words(name).join('[-_ ]?')})`
  const heading = title.includes(' ') ? whole(title) : `(?<=['"\`[]|^# )${title}(?=['"\`\\]:]|$)`
  return new RegExp(`${spelling}|${heading}`, 'gm')
}

const whole = (text: string) => `(?<![A-Za-z0-9_]|examples/)${text}(?=_CACHE\\b|(?![A-Za-z0-9_]))`

/** Replaces the names of one service in a text by those of another, each in the spelling that it has there. */
export const respell = (text: string, from: ServiceNames, to: ServiceNames): string =>
  text.replace(spellingsOf(from), found => spelledAs(found, from, to))

function spelledAs(found: string, from: ServiceNames, { name, title }: ServiceNames): string {
  if (found === from.name) return name
  if (found === from.title) return title
  if (found === found.toUpperCase() && !found.includes(' ')) return words(name).join('_').toUpperCase()
  if (found.includes('_')) return words(name).join('_')
  if (found.includes(' ')) return title
  if (found.includes('-')) return name
  if (found === found.toLowerCase()) return words(name).join('')
  const pascal = capitalised(name).join('')
  return found.charAt(0) === found.charAt(0).toUpperCase() ? pascal : pascal.charAt(0).toLowerCase() + pascal.slice(1)
}
