package perdura.training.weights.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import perdura.grids.spec.PerduraException;
import perdura.training.weights.file.ZipMembers.Member;

/**
 * What {@code torch.save} writes since PyTorch 1.6: a zip with {@code data.pkl}, one member {@code data/KEY} for each
 * storage, and {@code byteorder}.
 */
record TorchZipFile(FileChannel channel, String file, Map<String, Member> members, String root) {
    /** @throws PerduraException INVALID_WEIGHTS */
    static List<FileTensor> read(FileChannel channel, String file) throws IOException {
        Map<String, Member> members = ZipMembers.read(channel, file);
        List<String> roots = members.keySet().stream()
                .filter(name -> name.equals("data.pkl") || name.endsWith("/data.pkl"))
                .map(name -> name.substring(0, name.length() - "data.pkl".length()))
                .toList();
        if (roots.isEmpty() && members.keySet().stream().anyMatch(TorchZipFile::isOfExport)) {
            throw WeightFault.at(
                    file,
                    "a program of torch.export (.pt2), not a file of weights; in Python: "
                            + "torch.save(torch.export.load(FILE).state_dict, NEW_FILE)");
        }
        if (roots.size() != 1) {
            throw WeightFault.at(
                    file, "a zip with " + roots.size() + " members data.pkl; a file of torch.save has one");
        }
        return new TorchZipFile(channel, file, members, roots.get(0)).read();
    }

    private static boolean isOfExport(String member) {
        return member.endsWith("serialized_exported_program.json")
                || member.endsWith("archive_format")
                || member.matches("(.*/)?models/[^/]+\\.json");
    }

    private List<FileTensor> read() throws IOException {
        if (members.containsKey(root + "constants.pkl")) {
            throw WeightFault.at(
                    file,
                    "a TorchScript program, not a file of weights; in Python: torch.save(torch.jit.load(FILE)"
                            + ".state_dict(), NEW_FILE)");
        }
        Member pickle =
                member("data.pkl").orElseThrow(() -> new IllegalStateException(root + " was found by its pickle"));
        long end = pickle.position() + pickle.sizeBytes();
        PickleValue object = Unpickler.read(new PickleInput(channel, file + ": data.pkl", pickle.position(), end));
        return new TensorTree(file, this::place, isBigEndian()).list(object);
    }

    private Optional<Member> member(String name) {
        Member member = members.get(root + name);
        if (member != null && !member.stored()) {
            throw WeightFault.at(
                    file,
                    "the member " + WeightFault.shown(member.name())
                            + " is compressed, as torch.save never does; load the"
                            + " file in Python and save it again with torch.save");
        }
        return Optional.ofNullable(member);
    }

    private long place(PickleValue.Storage storage) {
        Member member = member("data/" + storage.key())
                .orElseThrow(() ->
                        WeightFault.at(file, "the storage data/" + WeightFault.shown(storage.key()) + " is missing"));
        long expected = storage.sizeBytes();
        if (member.sizeBytes() != expected) {
            throw WeightFault.at(
                    file,
                    "the storage data/" + WeightFault.shown(storage.key()) + " has " + member.sizeBytes() + " bytes, "
                            + storage.elements() + " elements of " + storage.type() + " need " + expected);
        }
        return member.position();
    }

    private boolean isBigEndian() throws IOException {
        Optional<Member> order = member("byteorder");
        if (order.isEmpty()) {
            return false;
        }
        ByteBuffer text = ByteBuffer.allocate((int) Math.min(16, order.get().sizeBytes()));
        channel.read(text, order.get().position());
        return switch (new String(text.array(), StandardCharsets.ISO_8859_1)) {
            case "little" -> false;
            case "big" -> true;
            default -> throw WeightFault.at(file, "the member byteorder says neither little nor big");
        };
    }
}
