/**
 * `libs/<name>` from the build, which is what production runs. The path is put together here and nowhere written out, so that
 * checks of the sources need no build.
 */
export const built = (name) => import(`../../dist/libs/${name}/src/index.js`);
