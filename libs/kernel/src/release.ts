/** The release this code is of: what it writes into each event, and what it compares a newer one with. `package.json` says the same. */
export const RELEASE = '0.1.0';
