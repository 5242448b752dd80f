package perdura.datasets.synth;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** The patients of a data set, in order. The last one's studies may be cut, if studies are counted. */
final class PatientList implements Iterator<Patient> {
    private final SynthConfig config;
    private int drawn;
    private int studies;

    PatientList(SynthConfig config) {
        this.config = config;
    }

    @Override
    public boolean hasNext() {
        return switch (config.amount().unit()) {
            case PATIENTS -> drawn < config.amount().count();
            case STUDIES -> studies < config.amount().count();
        };
    }

    @Override
    public Patient next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Patient patient = Patient.draw(config, drawn);
        if (config.amount().unit() == SynthAmount.Unit.STUDIES) {
            patient = patient.withVisits(config.amount().count() - studies);
        }
        drawn++;
        studies += patient.visits().size();
        return patient;
    }
}
