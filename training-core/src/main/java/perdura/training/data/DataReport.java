package perdura.training.data;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a data set holds, what the filters left out of it, and what is wrong with it.
 *
 * @param imagesListed images of the metadata file
 * @param studiesListed studies of the metadata file
 * @param leftOut count by filter, all filters, in their order
 * @param studies studies that are left
 * @param patients their patients
 * @param images their images
 * @param sentences their sentences
 * @param faults the first {@value #FAULTS_SHOWN} faults
 * @param faultCount all faults
 */
public record DataReport(
        long imagesListed,
        long studiesListed,
        Map<LeftOut, Long> leftOut,
        long studies,
        long patients,
        long images,
        long sentences,
        List<DataFault> faults,
        long faultCount) {
    /** Faults that a report names one by one. */
    public static final int FAULTS_SHOWN = 20;

    public DataReport {
        leftOut = Collections.unmodifiableMap(new LinkedHashMap<>(leftOut));
        faults = List.copyOf(faults);
    }
}
