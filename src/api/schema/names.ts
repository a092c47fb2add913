/** Regular expression (RE2, for CEL and for JavaScript) of a lower-case DNS label. */
export const DNS_LABEL = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';

/** Regular expression, likewise, of the name of a counter; with its prefix it is the name of an annotation. */
export const COUNTER_NAME = '^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$';

/** Levels of the tree of roles, the top one counted: paths stay short, and so does every walk from a role to the top. */
export const MOST_ROLE_LEVELS = 16;

/** Regular expression, likewise, of the path of a role: DNS labels separated by single slashes. */
export const ROLE_PATH = `^${DNS_LABEL}(/${DNS_LABEL}){0,${MOST_ROLE_LEVELS - 1}}$`;
