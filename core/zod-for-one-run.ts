import './zod-in-english';
import { z } from 'zod';

/**
 * To be imported before the first schema of a program that reads each file once: by default zod compiles every schema of an object when it
 * first parses, which pays off only after many more.
 */
z.config({ jitless: true });
