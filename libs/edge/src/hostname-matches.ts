/**
 * Whether a host name is as a pattern says, in which `*` stands for any characters, also none. Case does not matter. Takes no longer
 * than the product of both lengths, whatever is asked: a regular expression made of the pattern could take for ever.
 */
export function hostnameMatches(pattern: string, hostname: string): boolean {
  const [wanted, given] = [pattern.toLowerCase(), hostname.toLowerCase()];
  let at = 0;
  let star = -1; // The last * that was passed,
  let taken = 0; //  and up to where it stands for characters.
  for (let i = 0; i < given.length;) {
    if (wanted[at] === '*') {
      star = at++;
      taken = i;
    } else if (wanted[at] === given[i]) {
      at++;
      i++;
    } else if (star === -1) return false;
    else {
      at = star + 1;
      i = ++taken;
    }
  }
  while (wanted[at] === '*') at++;
  return at === wanted.length;
}
