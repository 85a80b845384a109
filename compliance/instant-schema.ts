import { z } from 'zod';

/** A time in a file that is judged: in UTC, so that it is the same for every reader. */
export const instantSchema = z.iso.datetime('must be a time in UTC that the calendar has, e.g. 2026-11-23T12:00:00Z');
