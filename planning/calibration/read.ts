import { readTextFile } from '../../core/text-file';
import { validateDocument } from '../../core/validate';
import { parseYamlDocument } from '../../core/yaml-document';
import { type Calibration, CalibrationSchema } from './schema';

/** A calibration file. @throws KitError E_FILE_MISSING, E_CALIBRATION_INVALID with file, line and every reason */
export function readCalibration(file: string): Calibration {
  const text = readTextFile(file, 'a calibration file', 'write one with `npx ovkit calibrate LOG…`.');
  return validateDocument(
    parseYamlDocument(text, file),
    CalibrationSchema,
    'E_CALIBRATION_INVALID',
    'write it again with `npx ovkit calibrate LOG…`.',
  );
}
