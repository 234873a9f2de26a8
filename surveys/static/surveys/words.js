// The pages' words: the server sends them in her language, with names in braces where a fact goes.

/**
 * @param {string} text
 * @param {Record<string, string | number | null>} facts
 */
export const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (whole, name) => String(facts[name] ?? whole));

/**
 * @param {Record<string, string>} forms by the plural that CLDR names
 * @param {number} n
 * @param {string} language
 */
export const plural = (forms, n, language) => fill(forms[new Intl.PluralRules(language).select(n)] ?? "", { n });
