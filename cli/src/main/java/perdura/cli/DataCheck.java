package perdura.cli;

import perdura.grids.spec.DataSpec;
import perdura.training.data.ImageCheck;
import perdura.training.data.MimicCxrReader;
import perdura.training.data.StudyIndex;

/** Looks at a data set before anything is started with it. */
final class DataCheck {
    private DataCheck() {}

    /** @throws perdura.grids.spec.PerduraException INVALID_DATA with all faults */
    static StudyIndex check(DataSpec data) {
        return switch (data.format()) {
            case MIMIC_CXR -> MimicCxrReader.read(data, ImageCheck.FRAME);
        };
    }
}
