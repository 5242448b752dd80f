package perdura.datasets.synth;

import java.util.ArrayList;
import java.util.List;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;

/**
 * A person who doesn't exist: a function of layout, seed and number. Everything that a data set shows or tells of a patient
 * follows from this.
 *
 * @param number from 0
 * @param age years
 * @param visits the studies, first to last; at least one
 */
record Patient(int number, Sex sex, int age, Anatomy anatomy, List<Visit> visits) {
    /** As CheXpert writes it. */
    enum Sex {
        FEMALE,
        MALE
    }

    Patient {
        visits = List.copyOf(visits);
    }

    static Patient draw(SynthConfig config, int number) {
        Population population = Population.of(config.format());
        RandomStream random =
                Seeds.stream(config.seed(), "synth-patient", config.format().key(), number);
        Sex sex = random.bounded(2) == 0 ? Sex.FEMALE : Sex.MALE;
        int age = 20 + random.bounded(36) + random.bounded(36);
        Anatomy anatomy = Anatomy.draw(sex, new Difficulty(config.difficulty()), random);
        List<Visit> visits = new ArrayList<>();
        visits.add(Visit.first(population, random));
        for (int i = population.drawStudies(random); i > 1; i--) {
            visits.add(visits.get(visits.size() - 1).next(population, random));
        }
        return new Patient(number, sex, age, anatomy, visits);
    }

    /** The same patient with the first studies alone. */
    Patient withVisits(int most) {
        return visits.size() <= most ? this : new Patient(number, sex, age, anatomy, visits.subList(0, most));
    }

    /** The draws for one purpose of this patient's. */
    RandomStream stream(SynthConfig config, String purpose, Object... parts) {
        return Seeds.stream(config.seed(), purpose, config.format().key(), number, Seeds.hash64(parts));
    }
}
