package perdura.datasets.split.leak;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares the training part of a pre-training with a validation or test part of a downstream task: patients by id within a domain,
 * images by file and by pixels. Both are streamed; kept are the digests of the downstream images, and nothing of the others.
 */
public final class LeakCheck {
    /** Patients and images that a report names. */
    public static final int SHOWN = 20;

    private static final String UNSEEN = "";

    /** By digest of a downstream image: as what the pre-training has seen it first. */
    private final Map<String, String> seenAs = new HashMap<>();

    private final Set<String> patients = new HashSet<>();
    private final Set<String> seenPatients = new HashSet<>();

    private LeakCheck() {}

    /**
     * What the two parts share. The first allowance that names both data sets goes into the report.
     *
     * @param trained training part of a pre-training
     * @param tested validation or test part of a downstream task
     */
    public static LeakReport compare(SplitMembers trained, SplitMembers tested, List<LeakReport.Allowance> allowances) {
        LeakCheck check = new LeakCheck();
        tested.forEach(check::remember);
        boolean samePeople = trained.patientDomain().equals(tested.patientDomain());
        trained.forEach(member -> check.lookUp(member, samePeople));
        LeakReport.@Nullable Allowance allowance = allowances.stream()
                .filter(each -> each.covers(trained, tested))
                .findFirst()
                .orElse(null);
        return check.report(trained, tested, allowance);
    }

    private void remember(SplitMembers.Member member) {
        patients.add(member.patientId());
        seenAs.put(file(member), UNSEEN);
        seenAs.put(pixels(member), UNSEEN);
    }

    private void lookUp(SplitMembers.Member trained, boolean samePeople) {
        if (samePeople && patients.contains(trained.patientId())) {
            seenPatients.add(trained.patientId());
        }
        seenAs.replace(file(trained), UNSEEN, trained.sampleId());
        seenAs.replace(pixels(trained), UNSEEN, trained.sampleId());
    }

    private LeakReport report(SplitMembers trained, SplitMembers tested, LeakReport.@Nullable Allowance allowance) {
        NameList images = new NameList();
        NameList people = new NameList();
        tested.forEach(member -> {
            String seen = seenAs.getOrDefault(file(member), UNSEEN);
            if (seen.equals(UNSEEN)) {
                seen = seenAs.getOrDefault(pixels(member), UNSEEN);
            }
            if (!seen.equals(UNSEEN)) {
                images.add(member.sampleId(), seen);
            }
            if (seenPatients.remove(member.patientId())) { // a patient counts once
                people.add(member.patientId(), member.patientId());
            }
        });
        return new LeakReport(
                trained.dataSet() + " " + trained.part(),
                tested.dataSet() + " " + tested.part(),
                people.overlap(),
                images.overlap(),
                allowance);
    }

    private static String file(SplitMembers.Member member) {
        return "file " + member.imageSha256();
    }

    /** Of an image whose pixels have no digest, that of its file again. */
    private static String pixels(SplitMembers.Member member) {
        return member.pixelSha256() == null ? file(member) : "pixels " + member.pixelSha256();
    }

    /** Counts names and keeps the first ones. */
    private static final class NameList {
        private final List<String> first = new ArrayList<>();
        private int count;

        void add(String name, String seenAs) {
            count++;
            if (first.size() < SHOWN) {
                first.add(name.equals(seenAs) ? name : name + " (= " + seenAs + ")");
            }
        }

        LeakReport.Overlap overlap() {
            return new LeakReport.Overlap(count, first);
        }
    }
}
