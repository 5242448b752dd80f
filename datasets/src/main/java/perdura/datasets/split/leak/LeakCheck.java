package perdura.datasets.split.leak;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.Sha256;

/**
 * Compares the training part of a pre-training with a validation or test part of a downstream task: patients by id within a domain,
 * images by file and by pixels. Both are streamed; kept are about 90 bytes for each downstream image and nothing for the others.
 */
public final class LeakCheck {
    /** Patients and images that a report names. */
    public static final int SHOWN = 20;

    private final SplitMembers tested;
    private final DigestTable patients;
    private final DigestTable files;
    private final DigestTable pixels;
    private final SeenMembers seenPatients = new SeenMembers();
    private final SeenMembers seenFiles = new SeenMembers();
    private final SeenMembers seenPixels = new SeenMembers();
    private final MessageDigest sha256 = Sha256.start();

    private LeakCheck(SplitMembers tested) {
        this.tested = tested;
        this.patients = new DigestTable(tested.size());
        this.files = new DigestTable(tested.size());
        this.pixels = new DigestTable(tested.size());
    }

    /**
     * What the two parts share. The first allowance that names both data sets goes into the report.
     *
     * @param trained training part of a pre-training
     * @param tested validation or test part of a downstream task
     */
    public static LeakReport compare(SplitMembers trained, SplitMembers tested, List<LeakAllowance> allowances) {
        LeakCheck check = new LeakCheck(tested);
        check.forEachTested(check::remember);
        boolean samePeople = trained.patientDomain().equals(tested.patientDomain());
        trained.forEach(member -> check.lookUp(member, samePeople));
        @Nullable
        LeakAllowance allowance = allowances.stream()
                .filter(each -> each.covers(trained, tested))
                .findFirst()
                .orElse(null);
        return check.report(trained, allowance);
    }

    /** One downstream member and its number. */
    private interface Numbered {
        void accept(int number, SplitMember member);
    }

    private void forEachTested(Numbered action) {
        Consumer<SplitMember> counting = new Consumer<>() {
            private int next;

            @Override
            public void accept(SplitMember member) {
                if (next == tested.size()) {
                    throw new IllegalStateException(
                            tested.dataSet() + " " + tested.part() + " gives more than its " + next + " members");
                }
                action.accept(next++, member);
            }
        };
        tested.forEach(counting);
    }

    private void remember(int number, SplitMember member) {
        Key patient = patientKey(member);
        patients.add(patient.high(), patient.low(), number);
        files.add(high(member.imageSha256()), low(member.imageSha256()), number);
        String pixelSha256 = member.pixelSha256();
        if (pixelSha256 != null) {
            pixels.add(high(pixelSha256), low(pixelSha256), number);
        }
    }

    private void lookUp(SplitMember trained, boolean samePeople) {
        int patient = samePeople ? findPatient(trained) : -1;
        int file = find(files, trained.imageSha256());
        int pixel = find(pixels, trained.pixelSha256());
        if (patient >= 0) {
            seenPatients.add(patient, trained.patientId());
        }
        if (file >= 0) {
            seenFiles.add(file, trained.sampleId());
        }
        if (pixel >= 0) {
            seenPixels.add(pixel, trained.sampleId());
        }
    }

    private LeakReport report(SplitMembers trained, @Nullable LeakAllowance allowance) {
        NameList images = new NameList();
        NameList people = new NameList();
        forEachTested((number, member) -> {
            int file = find(files, member.imageSha256());
            int pixel = find(pixels, member.pixelSha256());
            if (seenFiles.has(file)) {
                images.add(member.sampleId(), seenFiles.seenAs(file));
            } else if (seenPixels.has(pixel)) {
                images.add(member.sampleId(), seenPixels.seenAs(pixel));
            }
            if (seenPatients.has(number)) { // only the first member of a patient is marked
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

    private int findPatient(SplitMember member) {
        Key key = patientKey(member);
        return patients.find(key.high(), key.low());
    }

    private static int find(DigestTable table, @Nullable String hex) {
        return hex == null ? -1 : table.find(high(hex), low(hex));
    }

    /** The first 16 bytes of a digest. */
    private record Key(long high, long low) {}

    private Key patientKey(SplitMember member) {
        ByteBuffer digest = ByteBuffer.wrap(sha256.digest(member.patientId().getBytes(StandardCharsets.UTF_8)));
        return new Key(digest.getLong(), digest.getLong());
    }

    private static long high(String hex) {
        return Long.parseUnsignedLong(hex, 0, 16, 16);
    }

    private static long low(String hex) {
        return Long.parseUnsignedLong(hex, 16, 32, 16);
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

        Overlap overlap() {
            return new Overlap(count, first);
        }
    }
}
