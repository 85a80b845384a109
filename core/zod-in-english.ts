import { spareModule } from './spare-module';

/**
 * To be imported before zod: it loads its messages in some sixty languages, half of the time that it takes. The English ones, which it uses, it
 * loads by themselves.
 */
spareModule(['zod/v4/locales'], (load) => {
  const own = { __esModule: true };
  return new Proxy(own, { get: (_, name) => Reflect.get(name in own ? own : (load() as object), name) });
});
